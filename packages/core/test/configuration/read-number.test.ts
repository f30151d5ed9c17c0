import { describe, expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readDuration, readNumber } from '../../src/configuration/read-number.ts';
import { problemsOf } from './problems-of.ts';

const duration = (value: unknown, mayBeZero: boolean) => {
  const problems = new Problems();
  const ms = readDuration({ value, label: 'timeoutMs' }, mayBeZero, problems);
  return { ms, problems: problemsOf(() => problems.throwIfAny()) };
};

describe('readDuration', () => {
  it.each([0.5, 1, 10_000, 2 ** 31 - 1])('takes %d ms', (ms) => {
    expect(duration(ms, false)).toEqual({ ms, problems: [] });
  });

  it('takes 0 only where waiting no time makes sense', () => {
    expect(duration(0, true)).toEqual({ ms: 0, problems: [] });
    expect(duration(0, false).problems).toHaveLength(1);
  });

  it.each([
    Number.NaN,
    -1,
    -Number.MIN_VALUE,
    Number.POSITIVE_INFINITY,
    2 ** 31,
    '1',
    '',
    1n,
    null,
    true,
    [1],
    new Date(),
  ])('takes no %o, with which a timer would fire at once or never', (value) => {
    for (const mayBeZero of [true, false]) {
      expect(duration(value, mayBeZero)).toEqual({
        ms: undefined,
        problems: [expect.stringMatching(/^timeoutMs must be a number of milliseconds .* 0 to 2147483647, not /)],
      });
    }
  });

  it('leaves it to the default when it is left out', () => {
    expect(duration(undefined, false)).toEqual({ ms: undefined, problems: [] });
  });
});

describe('readNumber', () => {
  it('says which numbers are wanted', () => {
    const problems = new Problems();
    readNumber({ value: 3, label: 'refresh.atFraction' }, 'above 0 and at most 1', (part) => part <= 1, problems);
    expect(problemsOf(() => problems.throwIfAny())).toEqual([
      'refresh.atFraction must be a number above 0 and at most 1, not 3.',
    ]);
  });
});
