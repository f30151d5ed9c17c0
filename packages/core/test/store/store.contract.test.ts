import {
  type ClockedStoreHarness,
  storeClockContract,
  storeContract,
  storeScheduleContract,
  VirtualClock,
} from '@instellix/testing';
import { describe, test } from 'vitest';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';

function createHarness(): ClockedStoreHarness {
  const clock = new VirtualClock();
  let store = memoryTokenStore({ clock });
  return {
    open: async () => store,
    elapse: (ms) => clock.advance(ms),
    now: () => clock.monotonic(),
    toleranceMs: 0,
    stepWallClock: (ms) => clock.stepWallClock(ms),
    suspend: (ms) => clock.suspend(ms),
    loseData: async () => {
      store = memoryTokenStore({ clock });
    },
  };
}

describe('memoryTokenStore keeps the store contract', () => {
  for (const { title, verify } of [...storeContract, ...storeClockContract, ...storeScheduleContract]) {
    test(title, { timeout: 60_000 }, () => verify(createHarness));
  }
});
