import type { Clock } from '../clock/clock.ts';
import { sleepUntil } from '../clock/sleep-until.ts';
import { msUntil, readTimestamp, type Timestamp, wholeMs } from '../clock/timestamp.ts';
import type { TokenDemand } from './token-demand.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';
import type { WaitState } from './wait-state.ts';

/** A shorter wait is not reported, in milliseconds: the store's gate may open a moment after the client's own. */
const minReportedMs = 50;

/** The wait until the next attempt is allowed. */
export class AttemptWait {
  readonly #clock: Clock;
  readonly #events: TokenEventEmitter;
  readonly #waitState: WaitState;
  #until: Timestamp | undefined;

  constructor(clock: Clock, events: TokenEventEmitter, waitState: WaitState) {
    this.#clock = clock;
    this.#events = events;
    this.#waitState = waitState;
  }

  /** How long the wait in progress still lasts, in milliseconds; negative when there is none. */
  get msLeft(): number {
    return msUntil(this.#until, readTimestamp(this.#clock));
  }

  /**
   * Waits until `until`.
   *
   * @throws InstellixError at once when that is too late for every caller
   */
  async wait(kind: 'throttle' | 'retry', until: Timestamp, demand: TokenDemand): Promise<void> {
    this.#waitState.set(kind, until);
    const now = readTimestamp(this.#clock);
    const waitMs = msUntil(until, now);
    if (Math.max(waitMs, 0) > demand.msLeft(now)) throw this.#waitState.createTimeoutError(now);
    if (waitMs >= minReportedMs) this.#events.emit({ type: 'waiting', for: kind, waitMs: wholeMs(waitMs) });
    this.#until = until;
    try {
      await sleepUntil(this.#clock, until, demand.signal);
    } finally {
      this.#until = undefined;
    }
  }
}
