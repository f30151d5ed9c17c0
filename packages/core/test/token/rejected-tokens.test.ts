import { describe, expect, test } from 'vitest';
import { type CachedToken, createCachedToken } from '../../src/token/cached-token.ts';
import { RejectedTokens } from '../../src/token/rejected-tokens.ts';

const at = (ms: number) => ({ wall: 1_000_000 + ms, monotonic: ms });

function tokenAt(value: string, ms: number): CachedToken {
  const obtained = { value, from: 'endpoint', lifetimeMs: 300_000, expiresAt: at(ms + 300_000), fence: 1 } as const;
  return createCachedToken(obtained, { refreshAtFraction: 0.8, expiryMarginMs: undefined }, at(ms));
}

/** Obtains a token that replaces a rejected one. */
function refresh(rejected: RejectedTokens, value: string, ms: number): CachedToken {
  rejected.startRefresh();
  const token = tokenAt(value, ms);
  rejected.finishRefresh(token);
  return token;
}

describe('RejectedTokens', () => {
  test('remembers the last sixteen rejected tokens', () => {
    const rejected = new RejectedTokens(5_500);
    for (let number = 1; number <= 17; number++) rejected.add(`token-${number}`);
    expect([1, 2, 17, 18].map((number) => rejected.has(`token-${number}`))).toEqual([false, true, true, false]);
  });

  test('forgets a token that was issued again', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.add('again');
    rejected.finishRefresh(tokenAt('again', 0));
    expect(rejected.has('again')).toBe(false);
  });

  test('starts a loop with the second refreshed token in a row that is refused within a window', () => {
    const rejected = new RejectedTokens(5_500);
    expect(rejected.detectRejectionLoop(tokenAt('first', 0), at(60_000))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'second', 60_000), at(65_499))).toBeUndefined();
    const third = refresh(rejected, 'third', 66_000);
    expect(rejected.detectRejectionLoop(third, at(71_499))).toBe('started');
    expect(rejected.detectRejectionLoop(third, at(76_998))).toBe('ongoing');
    expect(rejected.detectRejectionLoop(third, at(76_999))).toBeUndefined();
  });

  test('starts no loop when the refreshed token was accepted for a window', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.detectRejectionLoop(refresh(rejected, 'second', 0), at(1));
    expect(rejected.detectRejectionLoop(refresh(rejected, 'third', 6_000), at(11_500))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'fourth', 12_000), at(12_001))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'fifth', 18_000), at(18_001))).toBe('started');
  });

  test('does not count a young token that replaced no rejected one', () => {
    const rejected = new RejectedTokens(5_500);
    const first = tokenAt('first', 0);
    rejected.finishRefresh(first);
    expect(rejected.detectRejectionLoop(first, at(1))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'second', 5_501), at(5_502))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'third', 11_002), at(11_003))).toBe('started');
  });

  test('ends the series with an ordinary refresh, before which no token was refused', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.detectRejectionLoop(refresh(rejected, 'first', 0), at(1));
    const second = tokenAt('second', 5_501);
    rejected.finishRefresh(second);
    expect(rejected.detectRejectionLoop(second, at(5_502))).toBeUndefined();
  });

  test('doubles the suspension with each further token that is refused, to 60 s', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.detectRejectionLoop(refresh(rejected, 'first', 0), at(0));
    let now = 0;
    const suspensions = Array.from({ length: 6 }, (_, index) => {
      const token = refresh(rejected, `token-${index}`, now);
      expect(rejected.detectRejectionLoop(token, at(now))).toBe('started');
      const start = now;
      while (rejected.detectRejectionLoop(token, at(now)) === 'ongoing') now += 500;
      return now - start;
    });
    expect(suspensions).toEqual([5_500, 11_000, 22_000, 44_000, 60_000, 60_000]);
  });

  test('starts a new series when a token that was first refused during a suspension is refused again', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.detectRejectionLoop(refresh(rejected, 'first', 0), at(0));
    expect(rejected.detectRejectionLoop(refresh(rejected, 'second', 0), at(0))).toBe('started');
    const third = tokenAt('third', 1_000);
    rejected.finishRefresh(third);
    expect(rejected.detectRejectionLoop(third, at(1_001))).toBe('ongoing');
    expect(rejected.detectRejectionLoop(third, at(60_000))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'fourth', 60_001), at(60_002))).toBeUndefined();
    expect(rejected.detectRejectionLoop(refresh(rejected, 'fifth', 66_000), at(66_001))).toBe('started');
  });

  test('ends a suspension on the wall clock when the process was suspended', () => {
    const rejected = new RejectedTokens(5_500);
    rejected.detectRejectionLoop(refresh(rejected, 'first', 0), at(0));
    const second = refresh(rejected, 'second', 0);
    expect(rejected.detectRejectionLoop(second, at(0))).toBe('started');
    expect(rejected.detectRejectionLoop(second, { wall: 1_005_500, monotonic: 0 })).toBeUndefined();
  });
});
