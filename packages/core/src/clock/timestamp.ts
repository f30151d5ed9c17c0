import type { Clock } from './clock.ts';

/**
 * A point in time on both clocks of a machine.
 *
 * The wall clock can be set back or forward, and the monotonic clock stands still while a machine is suspended. Of two points in
 * time, the clock that has advanced further determines how far they are apart: a wall clock that was set back changes nothing, and a
 * suspended machine does not take an old token for a new one.
 */
export interface Timestamp {
  /** Epoch milliseconds. */
  readonly wall: number;
  /** Milliseconds from any fixed point. */
  readonly monotonic: number;
}

/** Reads both clocks. */
export function readTimestamp(clock: Pick<Clock, 'now' | 'monotonic'>): Timestamp {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/** Returns the point in time `ms` milliseconds later, or earlier when `ms` is negative. */
export function addMs({ wall, monotonic }: Timestamp, ms: number): Timestamp {
  return { wall: wall + ms, monotonic: monotonic + ms };
}

/** Returns how many milliseconds remain until `moment`: negative once one of the clocks has passed it, and when there is none. */
export function msUntil(moment: Timestamp | undefined, now: Timestamp): number {
  if (!moment) return Number.NEGATIVE_INFINITY;
  return Math.min(moment.wall - now.wall, moment.monotonic - now.monotonic);
}

/** Rounds up to whole milliseconds. Differences of two times have rounding errors, because an epoch time has steps of 0.0002 ms. */
export function wholeMs(ms: number): number {
  // Never -0.
  return Math.ceil(ms - 0.001) || 0;
}

/** Returns whether one of the clocks has reached `moment`. Reads the wall clock only when the monotonic clock has not. */
export function hasPassed(moment: Timestamp, clock: Pick<Clock, 'now' | 'monotonic'>): boolean {
  return clock.monotonic() >= moment.monotonic || clock.now() >= moment.wall;
}
