import type { TokenStore } from '@instellix/core';

/** How the contract drives a store: the data and the time of one test. */
export interface StoreHarness {
  /** Opens a handle on the data, as one more process would have it. After `loseData`, handles are opened anew. */
  open(): Promise<TokenStore>;
  /** Lets at least this much time pass by the store's clock, virtual or real, milliseconds. */
  elapse(ms: number): Promise<void>;
  /** The test's own clock, milliseconds; it goes on as the store's does, and nobody steps it. */
  now(): number;
  /** How far the two clocks and the store's rounding may be apart, milliseconds; 0 for virtual time. */
  readonly toleranceMs: number;
  /** Steps the wall clock that the store's process sees, as NTP does. Does nothing when the store looks at none. */
  stepWallClock(ms: number): Promise<void>;
  /** Loses all data, as a restart of memory, a deleted directory or `FLUSHALL` does. */
  loseData(): Promise<void>;
}

/** One promise that every store keeps. */
export interface StoreCase {
  readonly title: string;
  /** Throws an AssertionError when the promise is broken. Each harness that it asks for starts without data. */
  verify(createHarness: () => StoreHarness | Promise<StoreHarness>): Promise<void>;
}
