import { expect, test } from 'vitest';
import { ConfigurationError, findFailure, isInstellixError } from '../../src/index.ts';

const failure = new ConfigurationError(['one problem']);
const wrap = (cause: unknown, levels = 1): unknown =>
  levels === 0 ? cause : wrap(new Error('wrapped', { cause }), levels - 1);

test('a failure is found where wrappers have put it, and not for ever', () => {
  expect(findFailure(failure, isInstellixError)).toBe(failure);
  expect(findFailure(wrap(failure, 7), isInstellixError)).toBe(failure);
  expect(findFailure(wrap(failure, 8), isInstellixError)).toBeUndefined();
});

test.each([
  ['http-errors', Object.assign(new Error('gone', { cause: failure }), { statusCode: 410 })],
  ['Nest', Object.assign(new Error('gone', { cause: failure }), { getStatus: () => 410 })],
])('whoever has chosen a status as %s does is not overruled', (_, chosen) => {
  expect(findFailure(chosen, isInstellixError)).toBeUndefined();
  expect(findFailure(wrap(chosen), isInstellixError)).toBeUndefined();
});

test.each([undefined, null, 'text', 0, new Error('of somebody else'), { cause: null }])(
  '%o holds no failure',
  (thrown) => {
    expect(findFailure(thrown, isInstellixError)).toBeUndefined();
  },
);

test('causes that go round in circles end', () => {
  const circle: { cause?: unknown } = {};
  circle.cause = circle;
  expect(findFailure(circle, isInstellixError)).toBeUndefined();
});
