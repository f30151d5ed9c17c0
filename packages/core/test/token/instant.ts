import type { Clock } from '../../src/clock/clock.ts';

/** A point in time on both clocks, computed without the code under test. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export function instantOf(clock: Pick<Clock, 'now' | 'monotonic'>): Instant {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

export function shift({ wall, monotonic }: Instant, ms: number): Instant {
  return { wall: wall + ms, monotonic: monotonic + ms };
}

/** How far two points in time are apart, by the clock that has advanced further; negative when `to` is earlier on both. */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(to.wall - from.wall, to.monotonic - from.monotonic);
}
