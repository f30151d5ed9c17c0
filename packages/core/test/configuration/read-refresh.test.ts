import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { readRefresh } from '../../src/configuration/read-refresh.ts';
import { problemsOf } from './problems-of.ts';

const read = (value: unknown) => {
  const problems = new Problems();
  const settings = readRefresh({ value, label: 'refresh' }, problems);
  return { settings, problems: problemsOf(() => problems.throwIfAny()) };
};

it('never lets jitter move the refresh before the beginning of the token', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.record({ atFraction: part, jitterFraction: part }, { requiredKeys: [] }), (given) => {
      const { settings, problems } = read(given);
      if (problems.length > 0) return;
      expect(settings.atFraction - settings.jitterFraction).toBeGreaterThan(0);
      expect(settings.atFraction).toBeLessThanOrEqual(1);
    }),
  );
});

it('needs no jitter to be given along with an early refresh', () => {
  expect(read({ atFraction: 0.04 })).toEqual({
    settings: { atFraction: 0.04, jitterFraction: 0.02, expiryMarginMs: undefined },
    problems: [],
  });
});

it('can be told to use a token to its very end, and at its very end', () => {
  expect(read({ atFraction: 1, jitterFraction: 0, expiryMarginMs: 0 }).settings).toEqual({
    atFraction: 1,
    jitterFraction: 0,
    expiryMarginMs: 0,
  });
});
