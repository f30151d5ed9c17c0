export { adapterContract } from './adapter/adapter-contract.ts';
export type { AdapterCall, AdapterCase, AdapterHarness, AdapterResponse } from './adapter/adapter-harness.ts';
export { storeClockContract, storeContract } from './store/store-contract.ts';
export type { ClockedStoreHarness, StoreCase, StoreHarness } from './store/store-harness.ts';
export { storeScheduleContract, storeScheduleContractOf } from './store/store-schedule-contract.ts';
export { settleMicrotasks, VirtualClock } from './virtual-clock.ts';
