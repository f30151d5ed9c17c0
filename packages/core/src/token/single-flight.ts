import type { Clock } from '../clock/clock.ts';
import { rejectOnAbort } from '../clock/reject-on-abort.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import { type CallerOptions, PendingCallers } from './pending-callers.ts';

/** How long an aborted task may take to settle, in milliseconds. In a runtime that drops timers with a request, it never does. */
const maxSettleMs = 1_000;

/** One task in progress, and the callers that share its outcome. */
export class Flight<T> {
  readonly callers: PendingCallers;
  /** Resolves when the task has ended, however it ends. */
  readonly settled: Promise<unknown>;
  /** What the callers get: the outcome of the task, or the reason of an abort, also while the task does not react to it. */
  readonly #outcome: Promise<T>;
  readonly #abort = new AbortController();

  constructor(task: (signal: AbortSignal, callers: PendingCallers) => Promise<T>, callers: PendingCallers) {
    this.callers = callers;
    const running = task(this.#abort.signal, callers);
    this.settled = running.catch(() => {});
    this.#outcome = rejectOnAbort(running, this.#abort.signal);
    // A task that no caller waits for fails without an unhandled rejection.
    this.#outcome.catch(() => {});
  }

  /** Waits for the outcome; undefined when the caller's `maxWaitMs` has elapsed. */
  wait(options: CallerOptions): Promise<T | undefined> {
    return this.callers.wait(this.#outcome, options);
  }

  /** Aborts the task, and rejects the callers that still wait. */
  abort(reason?: Error): void {
    this.#abort.abort(reason);
  }
}

/** Runs at most one task at a time. */
export class SingleFlight<T> {
  readonly #clock: Clock;
  readonly #callerClock: Clock;
  #current: Flight<T> | undefined;
  /** Settles when no task runs any more, including those that were aborted. */
  #settled: Promise<unknown> = Promise.resolve();

  /** @param callerClock the clock of waiting callers, whose timers keep the process alive */
  constructor(clock: Clock, callerClock: Clock) {
    this.#clock = clock;
    this.#callerClock = callerClock;
  }

  get current(): Flight<T> | undefined {
    return this.#current;
  }

  /** Starts a task, which runs once the one before has settled, unless it is aborted before. Must not be called while a task is in progress. */
  start(task: (signal: AbortSignal, callers: PendingCallers) => Promise<T>): Flight<T> {
    const previous = this.settled();
    const flight: Flight<T> = new Flight(async (signal, callers) => {
      try {
        await previous;
        signal.throwIfAborted();
        return await task(signal, callers);
      } finally {
        if (this.#current === flight) this.#current = undefined;
      }
    }, new PendingCallers(this.#callerClock));
    this.#current = flight;
    this.#settled = flight.settled;
    return flight;
  }

  /** Aborts the task in progress, if there is one; its callers get `reason`. */
  abort(reason?: Error): void {
    const flight = this.#current;
    this.#current = undefined;
    flight?.abort(reason);
  }

  /** Resolves when no task runs any more. */
  settled(): Promise<unknown> {
    const settled = this.#settled;
    return withTimeout(
      this.#clock,
      maxSettleMs,
      () => settled,
      () => {},
    );
  }
}
