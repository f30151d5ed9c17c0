export { adapterContract } from './adapter/adapter-contract.ts';
export type { AdapterCall, AdapterCase, AdapterHarness, AdapterResponse } from './adapter/adapter-harness.ts';
export { gate } from './gate.ts';
export { findLeaks } from './secret-leak-check/find-leaks.ts';
export { storeClockContract, storeContract } from './store/store-contract.ts';
export type { ClockedStoreHarness, StoreCase, StoreHarness } from './store/store-harness.ts';
export { storeScheduleContract, storeScheduleContractOf } from './store/store-schedule-contract.ts';
export { until } from './until.ts';
export { settleMicrotasks, VirtualClock } from './virtual-clock.ts';
