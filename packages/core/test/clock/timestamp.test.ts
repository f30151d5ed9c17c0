import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { addMs, hasPassed, msUntil, readTimestamp, wholeMs } from '../../src/clock/timestamp.ts';

/** Both clocks of a machine, each set by hand. */
const clockAt = (wall: number, monotonic: number) => ({ now: () => wall, monotonic: () => monotonic });

describe('a timestamp', () => {
  test('has the time of both clocks', () => {
    expect(readTimestamp(clockAt(1_000, 5))).toEqual({ wall: 1_000, monotonic: 5 });
  });

  test('can be moved on both clocks', () => {
    expect(addMs({ wall: 1_000, monotonic: 5 }, 10)).toEqual({ wall: 1_010, monotonic: 15 });
    expect(addMs({ wall: 1_000, monotonic: 5 }, -10)).toEqual({ wall: 990, monotonic: -5 });
  });
});

test.each([
  [5_500, 5_500],
  [5_500.0000001, 5_500],
  [5_499.9999999, 5_500],
  [5_500.01, 5_501],
  [0, 0],
  [0.0000001, 0],
  [-0.5, 0],
  [-2, -2],
])('%d ms are %d whole milliseconds', (ms, whole) => {
  expect(wholeMs(ms)).toBe(whole);
});

describe('the clock that has advanced further determines the time', () => {
  const moment = { wall: 10_000, monotonic: 100 };

  test.each([
    ['both clocks run', 9_960, 60, 40],
    ['the wall clock was set back', 1_000, 60, 40],
    ['the wall clock was set forward', 20_000, 60, -10_000],
    ['the machine was suspended, and the monotonic clock stood still', 10_030, 10, -30],
    ['the moment is now', 10_000, 100, 0],
  ])('%s', (_, wall, monotonic, ms) => {
    expect(msUntil(moment, { wall, monotonic })).toBe(ms);
    expect(hasPassed(moment, clockAt(wall, monotonic))).toBe(ms <= 0);
  });

  test('the wall clock is read only when the monotonic clock has not passed', () => {
    const now = () => {
      throw new Error('read');
    };
    expect(hasPassed(moment, { now, monotonic: () => 100 })).toBe(true);
  });

  test('a virtual clock that is stepped', async () => {
    const clock = new VirtualClock();
    const end = addMs(readTimestamp(clock), 100);
    clock.stepWallClock(-3_600_000);
    await clock.advance(40);
    expect(msUntil(end, readTimestamp(clock))).toBe(60);
    clock.stepWallClock(7_200_000);
    expect(hasPassed(end, clock)).toBe(true);
  });
});
