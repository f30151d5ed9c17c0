import { describe, expect, test } from 'vitest';
import { RequestBackoff } from '../../src/token/request-backoff.ts';

const middle = () => 0.5;

describe('RequestBackoff', () => {
  test('lets the first request go at once', () => {
    expect(new RequestBackoff(5_500, middle).opensAt).toBe(Number.NEGATIVE_INFINITY);
  });

  test('keeps the interval after a request was settled: sooner, and the vendor answers 401 to correct credentials', () => {
    const pace = new RequestBackoff(5_500, middle);
    pace.settle(1_000);
    expect(pace.opensAt).toBe(6_500);
  });

  test('keeps the interval after a success, too', () => {
    const pace = new RequestBackoff(5_500, middle);
    pace.settle(1_000);
    pace.succeed();
    expect(pace.opensAt).toBe(6_500);
  });

  test('backs off 250 ms, doubling to 16 s: a name that does not resolve is not asked for in a tight loop', () => {
    const pace = new RequestBackoff(5_500, middle);
    const waits = Array.from({ length: 9 }, () => {
      pace.backOff(0);
      return pace.opensAt;
    });
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 16_000, 16_000]);
  });

  test('jitters the backoff by a quarter either way, so that a fleet does not come back at once', () => {
    const waitWith = (random: number) => {
      const pace = new RequestBackoff(5_500, () => random);
      pace.backOff(0);
      return pace.opensAt;
    };
    expect(waitWith(0)).toBe(187.5);
    expect(waitWith(0.999)).toBeCloseTo(312.4, 0);
  });

  test('backs off from the start again after a success', () => {
    const pace = new RequestBackoff(5_500, middle);
    pace.backOff(0);
    pace.backOff(0);
    pace.succeed();
    expect(pace.opensAt).toBe(Number.NEGATIVE_INFINITY);
    pace.backOff(0);
    expect(pace.opensAt).toBe(250);
  });

  test('does not open the gate early for a short backoff or Retry-After', () => {
    const pace = new RequestBackoff(5_500, middle);
    pace.settle(0);
    pace.backOff(100);
    expect(pace.opensAt).toBe(5_500);
    pace.postpone(100, 0);
    expect(pace.opensAt).toBe(5_500);
  });

  test('stays away as long as the server asks', () => {
    const pace = new RequestBackoff(5_500, middle);
    pace.settle(0);
    pace.postpone(0, 20_000);
    expect(pace.opensAt).toBe(20_000);
    pace.succeed();
    expect(pace.opensAt).toBe(5_500);
  });

  test('does not let a short Retry-After cut the back-off: a server that says 0 would be asked without a pause', () => {
    const pace = new RequestBackoff(0, middle);
    pace.backOff(0);
    pace.postpone(0, 0);
    expect(pace.opensAt).toBe(250);
  });
});
