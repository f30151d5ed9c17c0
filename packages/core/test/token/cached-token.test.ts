import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type AgePolicy, expiryMarginMs, holdToken } from '../../src/token/cached-token.ts';

const policy: AgePolicy = { refreshAtFraction: 0.8, expiryMarginMs: undefined };

function hold({ lifetimeMs = 300_000, endsAt = 300_000, offsetMs = 0, agePolicy = policy }) {
  return holdToken({ value: 'planted-value', from: 'endpoint', lifetimeMs, endsAt, fence: 7 }, agePolicy, offsetMs);
}

describe('holdToken', () => {
  test('ages at its fraction and is spent 10 s before its end: a call under way still finds it alive', () => {
    expect(hold({})).toMatchObject({ refreshAt: 240_000, usableUntil: 290_000 });
  });

  test('takes a tenth for the margin of a short token: a fixed margin would never reuse one of 60 s', () => {
    expect(hold({ lifetimeMs: 60_000, endsAt: 60_000 })).toMatchObject({ refreshAt: 48_000, usableUntil: 54_000 });
  });

  test('counts the fraction from the beginning also of a token that came partly used up', () => {
    expect(hold({ endsAt: 100_000 })).toMatchObject({ refreshAt: 40_000, usableUntil: 90_000 });
  });

  test('takes at most half of a life for the margin: five minutes of margin leave a five-minute token usable', () => {
    const agePolicy = { ...policy, expiryMarginMs: 300_000 };
    expect(hold({ agePolicy })).toMatchObject({ refreshAt: 150_000, usableUntil: 150_000 });
  });

  test('honours a margin of 0: fresh ends never after usable', () => {
    const agePolicy = { refreshAtFraction: 1, expiryMarginMs: 0 };
    expect(hold({ agePolicy })).toMatchObject({ refreshAt: 300_000, usableUntil: 300_000 });
  });

  test('stamps the token with the wall clock, in whole milliseconds', () => {
    const { token } = hold({ endsAt: 300_000.4, offsetMs: 1_000_000 });
    expect(token).toMatchObject({ value: 'planted-value', obtainedAt: 1_000_000, expiresAt: 1_300_000 });
  });

  test('hands out a token whose value shows in no log', () => {
    const { token } = hold({});
    expect(inspect(token, { depth: null, showHidden: true })).not.toContain('planted-value');
    expect(JSON.stringify(token)).not.toContain('planted-value');
    expect(inspect({ ...token })).not.toContain('planted-value');
    expect(inspect(structuredClone(token))).not.toContain('planted-value');
    expect(`${token}`).toBe('[object AccessToken]');
  });

  test('hands the same token out to everyone without making another promise', async () => {
    const held = hold({});
    expect(await held.promise).toBe(held.token);
  });
});

describe('expiryMarginMs', () => {
  test.each([
    [300_000, undefined, 10_000],
    [100_000, undefined, 10_000],
    [50_000, undefined, 5_000],
    [1, undefined, 0.1],
    [300_000, 0, 0],
    [300_000, 60_000, 60_000],
    [60_000, 60_000, 30_000],
  ])('of a token of %d ms under %s is %d ms', (lifetimeMs, margin, expected) => {
    expect(expiryMarginMs(lifetimeMs, { ...policy, expiryMarginMs: margin })).toBeCloseTo(expected, 6);
  });
});
