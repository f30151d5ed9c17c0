import { describe, expect, test } from 'vitest';
import { type HeldToken, holdToken } from '../../src/token/cached-token.ts';
import { RejectedTokens } from '../../src/token/rejected-tokens.ts';

function hold(value: string, fence?: number): HeldToken {
  const obtained = { value, from: 'endpoint', lifetimeMs: 300_000, endsAt: 300_000, fence } as const;
  return holdToken(obtained, { refreshAtFraction: 0.8, expiryMarginMs: undefined }, 0);
}

describe('RejectedTokens', () => {
  test('knows the last sixteen, so that no store brings one of them back', () => {
    const rejected = new RejectedTokens(5_500);
    for (let number = 1; number <= 17; number++) rejected.add(`token-${number}`);
    expect([1, 2, 17, 18].map((number) => rejected.has(`token-${number}`))).toEqual([false, true, true, false]);
  });

  test('knows which token of the store was dropped, until another one is held', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.awaitRenewal(hold('first', 7));
    rejected.awaitRenewal(undefined);
    expect(rejected.fence).toBe(7);
    rejected.take(hold('second', 8), 0);
    expect(rejected.fence).toBeUndefined();
  });

  test('finds a storm when a renewed token is refused within the window, and lets it last for one', () => {
    const rejected = new RejectedTokens(5_500);
    const renewed = hold('renewed');
    rejected.awaitRenewal(hold('first'));
    rejected.take(renewed, 1_000);
    expect(rejected.findStorm(renewed, 6_499)).toBe('onset');
    expect(rejected.findStorm(renewed, 11_998)).toBe('lasting');
    expect(rejected.findStorm(renewed, 11_999)).toBeUndefined();
  });

  test.each([
    ['after it has served for a window', true, 6_500],
    ['that no rejection has brought', false, 1_000],
  ])('finds none in the rejection of a token %s', (_, isRenewal, at) => {
    const rejected = new RejectedTokens(5_500);
    const held = hold('held');
    if (isRenewal) rejected.awaitRenewal(hold('first'));
    rejected.take(held, 1_000);
    expect(rejected.findStorm(held, at)).toBeUndefined();
  });

  test('finds none in the rejection of a token that came after the renewed one', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.awaitRenewal(hold('first'));
    rejected.take(hold('renewed'), 1_000);
    const next = hold('next');
    rejected.take(next, 1_001);
    expect(rejected.findStorm(next, 1_002)).toBeUndefined();
  });
});
