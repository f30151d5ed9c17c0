import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findLeaks } from '../../../../tools/leak-watch/find-leaks.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { safeCause } from '../../src/secret/safe-cause.ts';

const redact = createRedactor(['planted']);
const copy = (thrown: unknown) => safeCause(thrown, redact);

describe('a safe cause', () => {
  test('tells as much as the original: name, message, code, stack and what is behind it', () => {
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

  test('shows no secret that the original shows in its texts', () => {
    const thrown = Object.assign(new Error('planted', { cause: 'planted' }), { name: 'planted', code: 'planted' });
    const cause = copy(Object.assign(thrown, { errors: [new Error('planted'), 'planted', { planted: 'planted' }] }));
    expect(findLeaks(cause)).toEqual([]);
    expect(cause).toMatchObject({ message: '[redacted]', name: '[redacted]', code: '[redacted]' });
  });

  test('has nothing of what else hangs on the original', () => {
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
  ])('is made of %s, too', (_, thrown, message) => {
    const cause = copy(thrown);
    expect(cause).toBeInstanceOf(Error);
    expect(cause?.message).toBe(message);
    expect(cause).not.toHaveProperty('code');
    expect(cause?.stack).toBe(message ? `Error: ${message}` : 'Error');
    expect(findLeaks(cause)).toEqual([]);
  });

  test('is left out when there is nothing to tell', () => {
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

  test('ends, although the original goes round in circles', () => {
    const thrown = new Error('round');
    thrown.cause = Object.assign(thrown, { errors: [thrown] });
    let length = 0;
    for (let cause = copy(thrown); cause; cause = cause.cause) length++;
    expect(length).toBe(6);
  });

  test('is of a length that a log can bear', () => {
    const thrown = new Error('x'.repeat(1_000_000));
    expect(inspect(copy(thrown)).length).toBeLessThan(20_000);
  });
});
