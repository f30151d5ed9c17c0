import { describe, expect, test } from 'vitest';
import type { Timestamp } from '../../src/clock/timestamp.ts';
import { RequestBackoff } from '../../src/token/request-backoff.ts';

const middle = () => 0.5;
const at = (ms: number): Timestamp => ({ wall: 1_000_000 + ms, monotonic: ms });
const waitMs = (backoff: RequestBackoff, now = 0) => backoff.nextAllowed(at(now)).waitMs;

describe('RequestBackoff', () => {
  test('allows the first request at once', () => {
    expect(waitMs(new RequestBackoff(5_500, middle))).toBe(Number.NEGATIVE_INFINITY);
  });

  test('keeps the interval after a request has settled', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(1_000));
    expect(backoff.nextAllowed(at(1_000))).toEqual({ at: at(6_500), waitMs: 5_500, for: 'throttle' });
    expect(waitMs(backoff, 6_500)).toBe(0);
  });

  test('names the throttle when the interval and a Retry-After end together', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(0));
    backoff.applyRetryAfter(at(0), 5_500);
    expect(backoff.nextAllowed(at(0))).toMatchObject({ waitMs: 5_500, for: 'throttle' });
  });

  test('keeps the interval after a success', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(1_000));
    backoff.recordSuccess();
    expect(waitMs(backoff, 1_000)).toBe(5_500);
  });

  test('backs off 250 ms, doubling to 16 s', () => {
    const backoff = new RequestBackoff(5_500, middle);
    const waits = Array.from({ length: 9 }, () => {
      backoff.recordFailure(at(0));
      return backoff.nextAllowed(at(0));
    });
    expect(waits.map((wait) => wait.waitMs)).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
    expect(new Set(waits.map((wait) => wait.for))).toEqual(new Set(['retry']));
  });

  test('varies the backoff by a quarter in each direction, so that many clients do not retry at the same time', () => {
    const waitWith = (random: number) => {
      const backoff = new RequestBackoff(5_500, () => random);
      backoff.recordFailure(at(0));
      return waitMs(backoff);
    };
    expect(waitWith(0)).toBe(187.5);
    expect(waitWith(0.999)).toBeCloseTo(312.4, 0);
  });

  test('starts the backoff again after a success', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordFailure(at(0));
    backoff.recordFailure(at(0));
    backoff.recordSuccess();
    expect(waitMs(backoff)).toBe(Number.NEGATIVE_INFINITY);
    backoff.recordFailure(at(0));
    expect(waitMs(backoff)).toBe(250);
  });

  test('does not shorten the interval for a short backoff or Retry-After', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(0));
    backoff.recordFailure(at(100));
    expect(backoff.nextAllowed(at(100))).toMatchObject({ waitMs: 5_400, for: 'throttle' });
    backoff.applyRetryAfter(at(100), 0);
    expect(waitMs(backoff, 100)).toBe(5_400);
  });

  test('waits for Retry-After', () => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(0));
    backoff.applyRetryAfter(at(0), 20_000);
    expect(backoff.nextAllowed(at(0))).toMatchObject({ waitMs: 20_000, for: 'retry' });
    backoff.recordSuccess();
    expect(waitMs(backoff)).toBe(5_500);
  });

  test('does not shorten the backoff for a shorter Retry-After, but lengthens it for a longer one', () => {
    const backoff = new RequestBackoff(0, middle);
    backoff.recordFailure(at(0));
    backoff.applyRetryAfter(at(0), 249);
    expect(waitMs(backoff)).toBe(250);
    backoff.applyRetryAfter(at(0), 251);
    expect(waitMs(backoff)).toBe(251);
  });

  test.each([
    ['was suspended', { wall: 1_005_500, monotonic: 0 }],
    ['had its wall clock set back', { wall: 0, monotonic: 5_500 }],
  ])('allows the request after the interval in a process that %s', (_, now) => {
    const backoff = new RequestBackoff(5_500, middle);
    backoff.recordSent(at(0));
    expect(backoff.nextAllowed(now).waitMs).toBeLessThanOrEqual(0);
  });
});
