import { expect, test } from 'vitest';
import * as names from '../src/index.ts';

test('the public names are these and no others, since each is a promise', () => {
  expect(Object.keys(names)).toEqual(['fileTokenStore']);
});
