import { VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import type { SharedToken } from '../../src/store/encrypted-token-store.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import { TokenCache } from '../../src/token/token-cache.ts';

let clock: VirtualClock;
let cache: TokenCache;

beforeEach(() => {
  clock = new VirtualClock();
  cache = new TokenCache(clock, { refreshAtFraction: 0.8, expiryMarginMs: undefined }, 5_500);
});

/** Puts a new token with a lifetime of 300 s. */
function put(value: string, fence?: number) {
  const expiresAt = addMs(readTimestamp(clock), 300_000);
  return cache.put({ value, from: 'endpoint', lifetimeMs: 300_000, expiresAt, fence });
}

/** A token of the store with a lifetime of 300 s, of which `remainingMs` remain. */
function shared(value: string, remainingMs: number): SharedToken {
  return { value, lifetimeMs: 300_000, expiresAt: addMs(readTimestamp(clock), remainingMs), fence: 1 };
}

const reject = (value: string) => cache.reject(createAccessToken(value, 0, 1));

describe('the held token', () => {
  test('is undefined at first', () => {
    expect(cache.current).toBeUndefined();
    expect(cache.usable).toBeUndefined();
    expect(cache.knownFence).toBeUndefined();
  });

  test('is usable until its margin, and still current afterwards', async () => {
    const token = put('token');
    await clock.advance(289_999);
    expect(cache.usable).toBe(token);
    await clock.advance(1);
    expect(cache.usable).toBeUndefined();
    expect(cache.current).toBe(token);
  });

  test('expires on the wall clock when the process was suspended', () => {
    put('token');
    clock.suspend(290_000);
    expect(cache.usable).toBeUndefined();
  });

  test('expires on the monotonic clock when the wall clock was set back', async () => {
    put('token');
    clock.stepWallClock(-3_600_000);
    await clock.advance(290_000);
    expect(cache.usable).toBeUndefined();
  });

  test('is replaced by the next one', () => {
    put('first');
    const second = put('second');
    expect(cache.current).toBe(second);
  });

  test('is undefined after clear', () => {
    put('token');
    cache.clear();
    expect(cache.current).toBeUndefined();
    expect(cache.usable).toBeUndefined();
  });
});

describe('knownFence', () => {
  test('is the fence of the held token, even after it has expired', async () => {
    put('token', 7);
    await clock.advance(300_000);
    expect(cache.knownFence).toBe(7);
  });

  test('is the fence of the dropped token after a rejection', () => {
    put('token', 7);
    reject('token');
    expect(cache.knownFence).toBe(7);
  });

  test('is the highest of all tokens that were held, so that no older one comes back from the store', () => {
    put('first', 7);
    reject('first');
    // The store was down.
    put('second');
    expect(cache.knownFence).toBe(7);
    reject('second');
    expect(cache.knownFence).toBe(7);
    put('third', 5);
    expect(cache.knownFence).toBe(7);
  });
});

describe('accepts', () => {
  test('a token of the store that lives longer than the margin', () => {
    expect(cache.accepts(shared('token', 10_001), 0)).toBe(true);
    expect(cache.accepts(shared('token', 10_000), 0)).toBe(false);
  });

  test('a token of the store that lives longer than the caller requires', () => {
    expect(cache.accepts(shared('token', 60_001), 60_000)).toBe(true);
    expect(cache.accepts(shared('token', 60_000), 60_000)).toBe(false);
  });

  test('no token that has been rejected, whether or not it was held', () => {
    put('held');
    reject('held');
    reject('other');
    expect(cache.accepts(shared('held', 300_000), 0)).toBe(false);
    expect(cache.accepts(shared('other', 300_000), 0)).toBe(false);
    expect(cache.accepts(shared('new', 300_000), 0)).toBe(true);
  });

  test('a rejected token that the endpoint has issued again', () => {
    put('token');
    reject('token');
    put('token');
    expect(cache.accepts(shared('token', 300_000), 0)).toBe(true);
  });

  test('measures the remaining lifetime on both clocks', () => {
    const token = shared('token', 60_000);
    clock.suspend(50_000);
    expect(cache.accepts(token, 0)).toBe(false);
  });
});

describe('reject', () => {
  test('drops the held token', () => {
    put('token');
    expect(reject('token')).toBe('dropped');
    expect(cache.current).toBeUndefined();
  });

  test('keeps the held token when another one was rejected', () => {
    const token = put('token');
    expect(reject('older')).toBe('not_held');
    expect(cache.current).toBe(token);
  });

  test('drops nothing when no token is held', () => {
    expect(reject('token')).toBe('not_held');
  });

  test('keeps the token that completes a rejection loop, until the suspension ends', async () => {
    put('first');
    reject('first');
    put('second');
    reject('second');
    const third = put('third');
    expect(reject('third')).toBe('loop_started');
    expect(reject('third')).toBe('loop_ongoing');
    expect(cache.current).toBe(third);
    await clock.advance(5_500);
    expect(reject('third')).toBe('dropped');
  });

  test('counts the next token as a refreshed one when no token was held', () => {
    reject('token of another process');
    put('first');
    expect(reject('first')).toBe('dropped');
    put('second');
    expect(reject('second')).toBe('loop_started');
  });

  test('does not count the next token as a refreshed one when another token was held', () => {
    put('first');
    reject('older');
    put('second');
    expect(reject('second')).toBe('dropped');
    put('third');
    expect(reject('third')).toBe('dropped');
  });
});
