import type { TokenControls } from '../emulator/emulator.ts';
import type { EmulatorState } from '../state/emulator-state.ts';

/** Ends tokens on behalf of whoever steers the emulator. */
export function createTokenControls({ tokens, clock }: EmulatorState): TokenControls {
  return {
    revokeAll: async () => tokens.revokeAll(clock.now()),
    expireAll: async () => tokens.expireAll(clock.now()),
  };
}
