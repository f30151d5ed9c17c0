export {
  type AdapterAnswer,
  type AdapterCall,
  type AdapterCase,
  type AdapterHarness,
  adapterContract,
} from './adapter/adapter-contract.ts';
export { storeContract } from './store/store-contract.ts';
export type { StoreCase, StoreHarness } from './store/store-harness.ts';
export { storeScheduleContract, storeScheduleContractOf } from './store/store-schedule-contract.ts';
export { settleMicrotasks, VirtualClock } from './virtual-clock.ts';
