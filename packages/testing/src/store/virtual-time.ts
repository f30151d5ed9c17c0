import type { VirtualClock } from '../virtual-clock.ts';
import type { ClockedStoreHarness } from './store-harness.ts';

/** The time of a harness whose store reads a virtual clock. */
export function virtualTime(clock: VirtualClock): Omit<ClockedStoreHarness, 'open' | 'loseData'> {
  return {
    elapse: (ms) => clock.advance(ms),
    now: () => clock.monotonic(),
    toleranceMs: 0,
    stepWallClock: (ms) => clock.stepWallClock(ms),
    suspend: (ms) => clock.suspend(ms),
  };
}
