import { describe, expect, test } from 'vitest';
import type { Timestamp } from '../../src/clock/timestamp.ts';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { InvalidClientTracker } from '../../src/token/invalid-client-tracker.ts';

const error = new TokenRequestError('credentials_rejected', 'refused');
const at = (ms: number): Timestamp => ({ wall: 1_000_000 + ms, monotonic: ms });

/** The cool-down after each of so many final 401s. */
function coolDowns(tracker: InvalidClientTracker, count: number): number[] {
  tracker.recordUnauthorized('secret', error, at(0));
  return Array.from({ length: count }, () => {
    tracker.recordUnauthorized('secret', error, at(0));
    return tracker.msUntilRetry(at(0));
  });
}

describe('InvalidClientTracker', () => {
  test('does not treat one 401 as final, because it may be the throttle', () => {
    const tracker = new InvalidClientTracker(5_500);
    expect(tracker.recordUnauthorized('secret', error, at(0))).toBe(false);
    expect(tracker.cachedErrorFor('secret', at(0))).toBeUndefined();
    expect(tracker.msUntilRetry(at(0))).toBe(Number.NEGATIVE_INFINITY);
  });

  test('treats the second 401 in a row as final, and returns its error until the cool-down ends', () => {
    const tracker = new InvalidClientTracker(5_500);
    tracker.recordUnauthorized('secret', error, at(0));
    expect(tracker.recordUnauthorized('secret', error, at(5_500))).toBe(true);
    expect(tracker.cachedErrorFor('secret', at(10_999))).toBe(error);
    expect(tracker.msUntilRetry(at(10_999))).toBe(1);
    expect(tracker.cachedErrorFor('secret', at(11_000))).toBeUndefined();
  });

  test('doubles the cool-down from one window to 60 s', () => {
    expect(coolDowns(new InvalidClientTracker(5_500), 6)).toEqual([5_500, 11_000, 22_000, 44_000, 60_000, 60_000]);
  });

  test('never makes the cool-down after the first longer than 60 s, even when the window is longer', () => {
    expect(coolDowns(new InvalidClientTracker(90_000), 2)).toEqual([90_000, 60_000]);
  });

  test('starts again after a reset', () => {
    const tracker = new InvalidClientTracker(5_500);
    coolDowns(tracker, 3);
    tracker.reset();
    expect(tracker.cachedErrorFor('secret', at(0))).toBeUndefined();
    expect(tracker.msUntilRetry(at(0))).toBe(Number.NEGATIVE_INFINITY);
    expect(tracker.recordUnauthorized('secret', error, at(0))).toBe(false);
    tracker.recordUnauthorized('secret', error, at(0));
    expect(tracker.msUntilRetry(at(0))).toBe(5_500);
  });

  test('has no error for a rotated secret', () => {
    const tracker = new InvalidClientTracker(5_500);
    coolDowns(tracker, 3);
    expect(tracker.cachedErrorFor('rotated', at(0))).toBeUndefined();
  });

  test('keeps the error of a rejected secret when another secret was read in between', () => {
    const tracker = new InvalidClientTracker(5_500);
    coolDowns(tracker, 1);
    tracker.cachedErrorFor('rotated', at(0));
    expect(tracker.cachedErrorFor('secret', at(0))).toBe(error);
  });

  test('starts again for a secret that replaced a rejected one', () => {
    const tracker = new InvalidClientTracker(5_500);
    coolDowns(tracker, 3);
    expect(tracker.recordUnauthorized('rotated', error, at(1_000_000))).toBe(false);
    expect(tracker.recordUnauthorized('rotated', error, at(1_005_500))).toBe(true);
    expect(tracker.msUntilRetry(at(1_005_500))).toBe(5_500);
  });

  test('treats the second 401 as final when the secret was rotated in between, because the window has passed', () => {
    const tracker = new InvalidClientTracker(5_500);
    tracker.recordUnauthorized('secret', error, at(0));
    expect(tracker.recordUnauthorized('rotated', error, at(5_500))).toBe(true);
    expect(tracker.cachedErrorFor('rotated', at(5_500))).toBe(error);
  });

  test('ends the cool-down on the wall clock when the process was suspended', () => {
    const tracker = new InvalidClientTracker(5_500);
    coolDowns(tracker, 1);
    expect(tracker.cachedErrorFor('secret', { wall: 1_005_500, monotonic: 0 })).toBeUndefined();
  });
});
