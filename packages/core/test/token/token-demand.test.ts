import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import { PendingCallers } from '../../src/token/pending-callers.ts';
import { TokenCache } from '../../src/token/token-cache.ts';
import { TokenDemand } from '../../src/token/token-demand.ts';

let clock: VirtualClock;
let cache: TokenCache;
let callers: PendingCallers;
let demand: TokenDemand;

beforeEach(() => {
  clock = new VirtualClock();
  cache = new TokenCache(clock, { refreshAtFraction: 0.8, expiryMarginMs: 10_000 }, 5_500);
  callers = new PendingCallers(clock);
  demand = new TokenDemand('missing', callers, new AbortController().signal, cache);
});

function wait(maxWaitMs: number, minValidityMs = 0, signal?: AbortSignal): void {
  const options = { maxWaitMs, minValidityMs, signal, onTimeout: () => new Error('timed out') };
  callers.wait(new Promise(() => {}), options).catch(() => {});
}

/** Puts a token that is usable for `ms` milliseconds; its lifetime is 10 s longer. */
function hold(ms: number): void {
  const expiresAt = addMs(readTimestamp(clock), ms + 10_000);
  cache.put({ value: 'held', from: 'endpoint', lifetimeMs: 300_000, expiresAt, fence: undefined });
}

const msLeft = () => demand.msLeft(readTimestamp(clock));
const minRemainingMs = () => demand.minRemainingMs(readTimestamp(clock));

describe('msLeft', () => {
  test('is negative without callers and without a usable token', async () => {
    expect(msLeft()).toBe(Number.NEGATIVE_INFINITY);
    hold(100);
    await clock.advance(100);
    expect(msLeft()).toBe(Number.NEGATIVE_INFINITY);
  });

  test('is the time until the held token expires when no caller waits', async () => {
    hold(50_000);
    await clock.advance(10_000);
    expect(msLeft()).toBe(40_000);
  });

  test('is the time until the last caller times out', async () => {
    wait(30_000);
    await clock.advance(10_000);
    wait(12_000);
    expect(msLeft()).toBe(20_000);
  });

  test.each([
    [50_000, 50_000],
    [20_000, 30_000],
  ])('is the longer of the two: a token usable for %d ms, a caller for 30 s', (usableMs, expected) => {
    hold(usableMs);
    wait(30_000);
    expect(msLeft()).toBe(expected);
  });

  test('does not count a caller that has aborted', async () => {
    const abort = new AbortController();
    wait(30_000, 0, abort.signal);
    abort.abort(new Error('aborted'));
    await settleMicrotasks();
    expect(msLeft()).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('minRemainingMs', () => {
  test('is 0 when no validity is required and no token is held', () => {
    wait(30_000);
    expect(minRemainingMs()).toBe(0);
  });

  test('is the longest validity that a caller requires', () => {
    wait(30_000, 60_000);
    wait(30_000, 5_000);
    expect(minRemainingMs()).toBe(60_000);
  });

  test('is at least the remaining lifetime of the held token while that is usable', async () => {
    hold(50_000);
    wait(30_000, 5_000);
    await clock.advance(10_000);
    expect(minRemainingMs()).toBe(50_000);
    await clock.advance(40_000);
    expect(minRemainingMs()).toBe(5_000);
  });
});

test('a demand counts its attempts from 0', () => {
  expect(demand.attempts).toBe(0);
});
