import { performance } from 'node:perf_hooks';
import { invalid } from './validate.ts';

/** The last instant that a JavaScript Date can hold, in epoch milliseconds. */
const LAST_INSTANT = 8.64e15;

/** The one clock that every decision of an emulator reads: frozen at an instant or running with real time. */
export class EmulatorClock {
  readonly #isFrozen: boolean;
  readonly #startedAt = performance.now();
  #base: number;

  /**
   * @param frozenAt epoch ms of a frozen clock; `undefined` for real time.
   * @param notBefore epoch ms that a database file has already seen: the clock does not go back behind it.
   */
  constructor(frozenAt: number | undefined, notBefore = 0) {
    this.#isFrozen = frozenAt !== undefined;
    this.#base = Math.max(frozenAt ?? Date.now(), notBefore);
  }

  /** The present instant in whole epoch milliseconds. */
  now(): number {
    if (this.#isFrozen) return this.#base;
    // Monotonic time on top of a fixed start: a stepped wall clock must not move expiries.
    return Math.floor(this.#base + performance.now() - this.#startedAt);
  }

  /** Moves the clock forward by `ms`, which is 0 or more. */
  advance(ms: number): void {
    if (this.now() + ms > LAST_INSTANT) {
      throw invalid('ms', 'goes beyond the last instant that a Date can hold; advance by less');
    }
    this.#base += Math.round(ms);
  }
}
