import { describe, expect, test } from 'vitest';
import type { Timestamp } from '../../src/clock/timestamp.ts';
import { isSharedToken } from '../../src/token/access-token.ts';
import { type AgePolicy, createCachedToken, expiryMarginMs } from '../../src/token/cached-token.ts';

const policy: AgePolicy = { refreshAtFraction: 0.8, expiryMarginMs: undefined };
const at = (ms: number): Timestamp => ({ wall: 1_000_000 + ms, monotonic: ms });

function create({ lifetimeMs = 300_000, endsAt = 300_000, agePolicy = policy }) {
  const obtained = { value: 'planted-value', from: 'endpoint', lifetimeMs, expiresAt: at(endsAt), fence: 7 } as const;
  return createCachedToken(obtained, agePolicy, at(5));
}

describe('createCachedToken', () => {
  test.each([
    ['store', true],
    ['endpoint', false],
  ] as const)('marks whether the token of the %s is one that other clients share', (from, isShared) => {
    const obtained = { value: 'planted-value', from, lifetimeMs: 300_000, expiresAt: at(300_000), fence: 7 };
    expect(isSharedToken(createCachedToken(obtained, policy, at(5)).token)).toBe(isShared);
  });

  test('makes a token stale at its fraction, and expired 10 s before its end', () => {
    expect(create({})).toMatchObject({ refreshAt: at(240_000), usableUntil: at(290_000), obtainedAt: at(5) });
  });

  test('uses a tenth of the lifetime as the margin of a short token', () => {
    const token = create({ lifetimeMs: 60_000, endsAt: 60_000 });
    expect(token).toMatchObject({ refreshAt: at(48_000), usableUntil: at(54_000) });
  });

  test('counts the fraction from the beginning of the lifetime, even when part of it has passed on arrival', () => {
    expect(create({ endsAt: 100_000 })).toMatchObject({ refreshAt: at(40_000), usableUntil: at(90_000) });
  });

  test('uses at most half of the lifetime as the margin', () => {
    const agePolicy = { ...policy, expiryMarginMs: 300_000 };
    expect(create({ agePolicy })).toMatchObject({ refreshAt: at(150_000), usableUntil: at(150_000) });
  });

  test('accepts a margin of 0', () => {
    const agePolicy = { refreshAtFraction: 1, expiryMarginMs: 0 };
    expect(create({ agePolicy })).toMatchObject({ refreshAt: at(300_000), usableUntil: at(300_000) });
  });

  test('gives the token whole milliseconds of the wall clock', () => {
    const { token } = create({ endsAt: 300_000.4 });
    expect(token).toMatchObject({ value: 'planted-value', obtainedAt: 1_000_000, expiresAt: 1_300_000 });
  });

  test('has a promise that is already resolved with the token', async () => {
    const cached = create({});
    expect(await cached.promise).toBe(cached.token);
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
  ])('of a token of %d ms with the option %s is %d ms', (lifetimeMs, margin, expected) => {
    expect(expiryMarginMs(lifetimeMs, { ...policy, expiryMarginMs: margin })).toBeCloseTo(expected, 6);
  });
});
