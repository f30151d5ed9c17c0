import { expect, test } from 'vitest';
import { isApiUnreachable, rememberApiUnreachable } from '../../src/error/api-unreachable.ts';

test('recognises the very error that was remembered, and wrappers of it', () => {
  const error = new TypeError('fetch failed');
  expect(isApiUnreachable(error)).toBe(false);
  rememberApiUnreachable(error);
  expect(isApiUnreachable(error)).toBe(true);
  expect(isApiUnreachable(new Error('outer', { cause: new Error('wrapped', { cause: error }) }))).toBe(true);
  expect(isApiUnreachable(new TypeError('fetch failed'))).toBe(false);
});

test('does not overrule a wrapper with an HTTP status of its own', () => {
  const error = new TypeError('fetch failed');
  rememberApiUnreachable(error);
  expect(isApiUnreachable(Object.assign(new Error('gone', { cause: error }), { statusCode: 410 }))).toBe(false);
});

test.each([undefined, null, 'fetch failed', 5, Symbol('x')])('accepts %o, which is no object', (value) => {
  rememberApiUnreachable(value);
  expect(isApiUnreachable(value)).toBe(false);
});
