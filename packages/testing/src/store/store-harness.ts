import type { TokenStore } from '@instellix/core/store';

/** The data and the time of one test of a store. */
export interface StoreHarness {
  /** Opens a handle on the data, as another process would. After `loseData`, handles are opened again. */
  open(): Promise<TokenStore>;
  /** Lets at least this much time pass by the store's clock, virtual or real, in milliseconds. */
  elapse(ms: number): Promise<void>;
  /** The test's own monotonic clock, in milliseconds. */
  now(): number;
  /** How far the clocks and roundings of test and store may differ, in milliseconds; 0 for virtual time. */
  readonly toleranceMs: number;
  /** Loses all data, as a restart, a deleted directory or `FLUSHALL` does. */
  loseData(): Promise<void>;
}

/** The harness of a store that reads a `Clock`, which the test controls. */
export interface ClockedStoreHarness extends StoreHarness {
  /** Steps the wall clock of the store, as NTP does. `now` is not affected. */
  stepWallClock(ms: number): void;
  /** Suspends the machine: the wall clock of the store advances, its monotonic clock and `now` stand still. */
  suspend(ms: number): void;
}

/** One rule of a contract. */
export interface StoreCase<Harness extends StoreHarness = StoreHarness> {
  readonly title: string;
  /** Throws an AssertionError when the store breaks the rule. Each harness that it creates must start without data. */
  verify(createHarness: () => Harness | Promise<Harness>): Promise<void>;
}
