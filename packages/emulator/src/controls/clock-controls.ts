import type { ClockControls } from '../emulator/emulator.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { rememberInstant } from '../state/open-state.ts';
import { requireOpen } from './while-open.ts';

/** Reads and moves the clock on behalf of whoever steers the emulator. */
export function createClockControls(state: EmulatorState, closing: AbortSignal): ClockControls {
  return Object.freeze({
    now: () => new Date(state.clock.now()),
    async advance(ms: number) {
      requireOpen(closing);
      state.clock.advance(ms);
      rememberInstant(state);
    },
  });
}
