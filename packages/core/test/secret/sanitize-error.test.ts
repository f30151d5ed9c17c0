import { inspect } from 'node:util';
import { findLeaks } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/secret/redactor.ts';
import { describeReason, sanitizeError } from '../../src/secret/sanitize-error.ts';

const redact = createRedactor(['planted']);
const copy = (thrown: unknown) => sanitizeError(thrown, redact);

describe('sanitizeError', () => {
  test('keeps name, message, code, stack and the causes', () => {
    const inner = Object.assign(new RangeError('inner'), { code: 'ECONNREFUSED' });
    const outer = new TypeError('fetch failed', { cause: new AggregateError([inner, inner], 'all failed') });
    const cause = copy(outer);
    expect(cause).toBeInstanceOf(Error);
    expect(cause).toMatchObject({ name: 'TypeError', message: 'fetch failed', stack: outer.stack });
    expect(cause?.cause).toMatchObject({ name: 'AggregateError', message: 'all failed' });
    expect(cause?.cause?.errors).toMatchObject([
      { name: 'RangeError', message: 'inner', code: 'ECONNREFUSED', stack: inner.stack },
      { code: 'ECONNREFUSED' },
    ]);
    expect(inspect(cause)).toMatch(/TypeError\]?: fetch failed\n[\s\S]*AggregateError\]?: all failed/);
  });

  test('redacts every string', () => {
    const thrown = Object.assign(new Error('planted', { cause: 'planted' }), { name: 'planted', code: 'planted' });
    const cause = copy(Object.assign(thrown, { errors: [new Error('planted'), 'planted', { planted: 'planted' }] }));
    expect(findLeaks(cause)).toEqual([]);
    expect(cause).toMatchObject({ message: '[redacted]', name: '[redacted]', code: '[redacted]' });
  });

  test('drops every other property of the original', () => {
    const thrown = Object.assign(new Error('x'), {
      config: { data: 'planted' },
      toJSON: () => 'planted',
      data: 'planted',
    });
    Object.defineProperty(thrown, Symbol.for('nodejs.util.inspect.custom'), { value: () => 'planted' });
    Object.defineProperty(thrown, 'hidden', { value: 'planted' });
    const cause = copy(thrown);
    expect(findLeaks(cause)).toEqual([]);
    expect(Reflect.ownKeys(cause ?? {}).toSorted()).toEqual(['message', 'name', 'stack']);
  });

  test.each<[string, unknown, string]>([
    ['a string', 'bad planted', 'bad [redacted]'],
    ['a number', 5, ''],
    ['a symbol', Symbol('planted'), ''],
    ['an object that is no error', { message: 'bad' }, 'bad'],
    ['an object whose fields have other types', { message: 5, name: {}, code: 5, stack: [], errors: 'x' }, ''],
  ])('copies %s, too', (_, thrown, message) => {
    const cause = copy(thrown);
    expect(cause).toBeInstanceOf(Error);
    expect(cause?.message).toBe(message);
    expect(cause).not.toHaveProperty('code');
    expect(cause?.stack).toBe(message ? `Error: ${message}` : 'Error');
    expect(findLeaks(cause)).toEqual([]);
  });

  test('returns undefined for nothing, and for what cannot be read', () => {
    const unreadable = new Proxy(
      {},
      {
        get: () => {
          throw new Error('planted');
        },
      },
    );
    for (const thrown of [undefined, null, unreadable]) expect(copy(thrown)).toBeUndefined();
    expect(copy(new Error('x', { cause: unreadable }))).not.toHaveProperty('cause');
  });

  test('ends for causes that form a circle', () => {
    const thrown = new Error('round');
    thrown.cause = Object.assign(thrown, { errors: [thrown] });
    let length = 0;
    for (let cause = copy(thrown); cause; cause = cause.cause) length++;
    expect(length).toBe(6);
  });

  test('limits the length of strings', () => {
    const thrown = new Error('x'.repeat(1_000_000));
    expect(inspect(copy(thrown)).length).toBeLessThan(20_000);
  });
});

describe('describeReason', () => {
  const reasonOf = (thrown: unknown) => describeReason(copy(thrown));
  const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

  test.each<[string, unknown, string]>([
    ['the code', withCode('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:6379'), 'ECONNREFUSED'],
    [
      'the first word of an error of Redis',
      new Error("NOPERM User default has no permissions to run 'evalsha'"),
      'NOPERM',
    ],
    [
      'the first word when the code has another form',
      withCode('hello there', 'WRONGPASS invalid username'),
      'WRONGPASS',
    ],
    ['the message on one line', new Error('disk\n\tis\u202e full'), 'disk is full'],
    ['the message when the first word is not a code', new Error('Not connected'), 'Not connected'],
    ['the name when there is no message', new RangeError(), 'RangeError'],
    ['the name when the message is blank', new RangeError(' \n '), 'RangeError'],
    ['a redacted message', new Error('cannot use planted'), 'cannot use [redacted]'],
    ['no code that is a secret', withCode('planted', 'planted'), '[redacted]'],
    ['unknown when nothing was thrown', undefined, 'unknown'],
  ])('returns %s', (_, thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });

  test('is at most 200 characters long', () => {
    expect(reasonOf(new Error('w'.repeat(10_000)))).toBe('w'.repeat(200));
  });
});
