import { claimCases } from './claim-cases.ts';
import { clockCases } from './clock-cases.ts';
import { fenceCases } from './fence-cases.ts';
import { gateCases } from './gate-cases.ts';
import type { ClockedStoreHarness, StoreCase } from './store-harness.ts';
import { tokenCases } from './token-cases.ts';

/** What every store must do, in virtual or in real time. */
export const storeContract: readonly StoreCase[] = [...tokenCases, ...claimCases, ...gateCases, ...fenceCases];

/** What a store that reads a `Clock` must do as well, when its clocks are stepped and its machine is suspended. */
export const storeClockContract: readonly StoreCase<ClockedStoreHarness>[] = clockCases;
