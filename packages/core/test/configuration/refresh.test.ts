import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables } from './variables.ts';

beforeEach(clearVariables);

const valid = { environment: 'sandbox', realm: 'acme', clientId: 'id', clientSecret: 'secret' } as const;
const resolve = (refresh: InstellixClientOptions['refresh'] & object) =>
  resolveConfiguration({ ...valid, refresh }).refresh;
const problemsWith = (refresh: InstellixClientOptions['refresh'] & object) => problemsOf(() => resolve(refresh));

it('accepts no jitter that would move the refresh before the beginning of the lifetime', () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.record({ atFraction: part, jitterFraction: part }, { requiredKeys: [] }), (given) => {
      if (problemsWith(given).length > 0) return;
      const settings = resolve(given);
      expect(settings.atFraction - settings.jitterFraction).toBeGreaterThan(0);
      expect(settings.atFraction).toBeLessThanOrEqual(1);
    }),
  );
});

it('halves an early atFraction for the default of jitterFraction', () => {
  expect(resolve({ atFraction: 0.04 })).toEqual({ atFraction: 0.04, jitterFraction: 0.02, expiryMarginMs: undefined });
});

it('accepts a refresh at the end of the lifetime without jitter and margin', () => {
  expect(resolve({ atFraction: 1, jitterFraction: 0, expiryMarginMs: 0 })).toEqual({
    atFraction: 1,
    jitterFraction: 0,
    expiryMarginMs: 0,
  });
});
