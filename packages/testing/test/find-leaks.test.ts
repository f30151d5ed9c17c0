import { expect, test } from 'vitest';
import { findLeaks } from '../src/find-leaks.ts';

const secret = 'planted-secret';

/** Errors and objects as careless libraries make them. */
const careless: [string, unknown][] = [
  ['in the message', new Error(`bad ${secret}`)],
  ['in the cause', new Error('bad', { cause: new Error(secret) })],
  ['in the cause of the cause', new Error('bad', { cause: new Error('worse', { cause: { secret } }) })],
  ['in a property', Object.assign(new Error('bad'), { config: { headers: [secret] } })],
  ['in a hidden property', Object.defineProperty(new Error('bad'), 'config', { value: { secret } })],
  ['in what JSON shows', { toJSON: () => ({ secret }) }],
  ['in a Map', { headers: new Map([['authorization', secret]]) }],
];

test.each(careless)('finds a secret %s', (_, value) => {
  expect(findLeaks(value)).not.toEqual([]);
});

test('finds the Basic form of a secret', () => {
  expect(findLeaks(new Error('Basic Zm9v'), ['Zm9v'])).not.toEqual([]);
});

test('finds nothing in an error without a secret', () => {
  expect(findLeaks(new Error('bad', { cause: { status: 401 } }))).toEqual([]);
});
