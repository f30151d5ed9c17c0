import {
  type ClockedStoreHarness,
  storeClockContract,
  storeContract,
  storeScheduleContract,
  VirtualClock,
  virtualTime,
} from '@instellix/testing';
import { describe, test } from 'vitest';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';

function createHarness(): ClockedStoreHarness {
  const clock = new VirtualClock();
  let store = memoryTokenStore({ clock });
  return {
    open: async () => store,
    ...virtualTime(clock),
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
