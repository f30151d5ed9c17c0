import { expect, test } from 'vitest';
import * as names from '../src/index.ts';

test('exports exactly these names', () => {
  expect(Object.keys(names).sort()).toEqual(['createInstellixAxios', 'installInstellixInterceptor']);
});
