import type { Clock } from '../clock/clock.ts';
import { withTimeout } from '../clock/with-timeout.ts';

/** The conditions under which one caller waits. */
export interface CallerOptions {
  /** The longest that the caller waits, in milliseconds. */
  readonly maxWaitMs: number;
  /** How long the token must live at least, in milliseconds. */
  readonly minValidityMs: number;
  /** Ends the wait of this caller only. */
  readonly signal?: AbortSignal | null | undefined;
}

/** The callers that wait for one outcome. Each may leave on its own, without an effect on the others. */
export class PendingCallers {
  readonly #clock: Clock;
  #count = 0;
  #minValidityMs = 0;
  /** Monotonic milliseconds, as timers count: a caller does not give up because its machine was suspended. */
  #latestDeadline = Number.NEGATIVE_INFINITY;

  /** @param clock whose timers keep the process alive: a script must not end in the middle of its own `await` */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#count;
  }

  /** The longest validity that one of them has requested, in milliseconds. */
  get minValidityMs(): number {
    return this.#minValidityMs;
  }

  /** How long the last of them still waits, in milliseconds; negative when none does. */
  get msLeft(): number {
    return this.#count > 0 ? this.#latestDeadline - this.#clock.monotonic() : Number.NEGATIVE_INFINITY;
  }

  /**
   * Waits for the outcome; undefined when `maxWaitMs` has elapsed.
   *
   * @throws the reason of the outcome, or of the caller's own signal
   */
  async wait<T>(outcome: Promise<T>, options: CallerOptions): Promise<T | undefined> {
    const { maxWaitMs, minValidityMs, signal } = options;
    this.#minValidityMs = Math.max(this.#minValidityMs, minValidityMs);
    this.#latestDeadline = Math.max(this.#latestDeadline, this.#clock.monotonic() + maxWaitMs);
    this.#count++;
    try {
      const onTimeout = () => undefined;
      return await withTimeout(this.#clock, maxWaitMs, () => outcome, onTimeout, signal);
    } finally {
      this.#count--;
    }
  }
}
