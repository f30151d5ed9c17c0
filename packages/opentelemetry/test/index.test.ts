import { expect, test } from 'vitest';
import * as names from '../src/index.ts';

test('exports these names', () => {
  expect(Object.keys(names)).toEqual(['observeInstellixClient']);
});
