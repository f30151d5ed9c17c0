import { describe, expect, it } from 'vitest';
import { describeType, describeValue } from '../../src/configuration/describe-value.ts';

describe('describeValue', () => {
  it.each([
    ['prod\n', '"prod\\n"'],
    [Number.NaN, 'NaN'],
    [-1, '-1'],
    [true, 'true'],
    [null, 'null'],
    [10n, 'a value of type bigint'],
  ])('shows what is plainly wrong with %o', (value, shown) => {
    expect(describeValue(value)).toBe(shown);
  });

  it('does not fill the log with a long text', () => {
    expect(describeValue('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(40)}…"`);
  });

  it.each(['https://user:hunter2@a.example', 'id:hunter2', '//a.example/hunter2', { secret: 'hunter2' }, ['hunter2']])(
    'does not show %o, which may hold a secret',
    (value) => {
      expect(describeValue(value)).not.toContain('hunter2');
    },
  );
});

describe('describeType', () => {
  it('tells who forgot to await something', () => {
    expect(describeType(Promise.resolve())).toBe('a promise: await it first');
  });

  it('does not trust what an object calls itself', () => {
    expect(describeType({ [Symbol.toStringTag]: 'hunter2' })).toBe('a value of type object');
  });
});
