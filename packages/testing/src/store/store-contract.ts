import { claimCases } from './claim-cases.ts';
import { fenceCases } from './fence-cases.ts';
import { gateCases } from './gate-cases.ts';
import type { StoreCase } from './store-harness.ts';
import { tokenCases } from './token-cases.ts';

/** What every store must do, in virtual or in real time. */
export const storeContract: readonly StoreCase[] = [...tokenCases, ...claimCases, ...gateCases, ...fenceCases];
