import { describe, expect, test } from 'vitest';
import { findCause, findInstellixError } from '../../src/error/find-instellix-error.ts';
import { ConfigurationError } from '../../src/index.ts';

const error = new ConfigurationError(['one problem']);
const wrap = (cause: unknown, levels = 1): unknown =>
  levels === 0 ? cause : wrap(new Error('wrapped', { cause }), levels - 1);

describe('findInstellixError', () => {
  test('finds an error among the causes, up to a depth', () => {
    expect(findInstellixError(error)).toBe(error);
    expect(findInstellixError(wrap(error, 7))).toBe(error);
    expect(findInstellixError(wrap(error, 8))).toBeUndefined();
  });

  test.each([
    ['http-errors', Object.assign(new Error('gone', { cause: error }), { statusCode: 410 })],
    ['Nest', Object.assign(new Error('gone', { cause: error }), { getStatus: () => 410 })],
  ])('stops at an error with an HTTP status of its own, as of %s', (_, withStatus) => {
    expect(findInstellixError(withStatus)).toBeUndefined();
    expect(findInstellixError(wrap(withStatus))).toBeUndefined();
  });

  test.each([undefined, null, 'text', 0, new Error('of other code'), { cause: null }])('finds none in %o', (thrown) => {
    expect(findInstellixError(thrown)).toBeUndefined();
  });

  test('finds none in an error whose cause is a getter that throws', () => {
    const hostile = Object.defineProperty(new Error('foreign'), 'cause', {
      get() {
        throw new Error('getter');
      },
    });
    expect(findInstellixError(wrap(hostile))).toBeUndefined();
  });

  test('ends for causes that form a circle', () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(findInstellixError(circle)).toBeUndefined();
  });
});

test('findCause returns the first cause that is wanted', () => {
  const inner = new RangeError('inner');
  const isRangeError = (each: unknown): each is RangeError => each instanceof RangeError;
  expect(findCause(wrap(new RangeError('outer', { cause: inner })), isRangeError)?.message).toBe('outer');
  expect(findCause(wrap(new Error('x')), isRangeError)).toBeUndefined();
});
