import { expect, test } from 'vitest';
import * as names from '../src/index.ts';

test('exports exactly the public names', () => {
  expect(Object.keys(names)).toEqual(['redisTokenStore']);
});
