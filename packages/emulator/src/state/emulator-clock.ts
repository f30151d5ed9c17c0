import { performance } from 'node:perf_hooks';
import { invalid } from './validate.ts';

/** The last instant that a JavaScript Date can hold, in epoch milliseconds. */
const LAST_INSTANT = 8.64e15;

/** The clock of an emulator: frozen at an instant, or running with real time. */
export class EmulatorClock {
  readonly #isFrozen: boolean;
  readonly #startedAt = performance.now();
  #base: number;

  /**
   * @param frozenAt epoch ms of a frozen clock; `undefined`: real time.
   * @param notBefore the earliest time in epoch ms: the last one that the database file has recorded.
   */
  constructor(frozenAt: number | undefined, notBefore = 0) {
    this.#isFrozen = frozenAt !== undefined;
    this.#base = Math.max(frozenAt ?? Date.now(), notBefore);
  }

  /** The current time in whole epoch milliseconds. */
  now(): number {
    if (this.#isFrozen) return this.#base;
    // Monotonic time: a change of the wall clock must not move expiries.
    return Math.floor(this.#base + performance.now() - this.#startedAt);
  }

  advance(ms: number): void {
    if (this.now() + ms > LAST_INSTANT) {
      throw invalid('ms', 'moves the clock beyond the last instant of a Date (the year 275760); advance by less');
    }
    this.#base += Math.round(ms);
  }
}
