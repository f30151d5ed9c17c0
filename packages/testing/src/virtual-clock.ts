import type { Clock } from '@instellix/core';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. The wall clock can be stepped, and the machine suspended. */
export class VirtualClock implements Clock {
  #elapsedMs = 0;
  #wallOffsetMs: number;
  #suspendedMs = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** @param startsAt the first time of the wall clock, epoch milliseconds */
  constructor(startsAt = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = startsAt;
  }

  now(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { wakeAt: this.#elapsedMs + Math.max(0, ms), wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The number of pending sleeps: 0 once everything that was started has been cleaned up. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** When the next sleep ends, in milliseconds from now; undefined when none is pending. */
  get nextWakeMs(): number | undefined {
    const next = this.#nextSleeper();
    return next && Math.max(0, next.wakeAt - this.#elapsedMs);
  }

  /** Moves both clocks forward. Ends each sleep at its time, and lets what it started settle before the next one. */
  async advance(ms: number, settle: () => Promise<void> = settleMicrotasks): Promise<void> {
    const end = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#nextSleeper(); next && next.wakeAt <= end; next = this.#nextSleeper()) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.wakeAt);
      next.wake();
      await settle();
    }
    this.#elapsedMs = end;
    await settle();
  }

  /** Moves both clocks forward while the process is stopped: sleeps that are due end with the next `advance`. */
  standStill(ms: number): void {
    this.#elapsedMs += ms;
  }

  /** Steps the wall clock, as an administrator or NTP does; no time passes. */
  stepWallClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  /** Suspends the machine: the wall clock advances, the monotonic clock stands still, and no sleep ends. */
  suspend(ms: number): void {
    this.#wallOffsetMs += ms;
    this.#suspendedMs += ms;
  }

  /** The time that has passed for everyone else, such as a server: with suspends, without steps of the wall clock. */
  elapsed(): number {
    return this.#elapsedMs + this.#suspendedMs;
  }

  #nextSleeper(): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (!next || sleeper.wakeAt < next.wakeAt) next = sleeper;
    return next;
  }
}

/** Runs all promise callbacks that are ready, and those that they start. */
export async function settleMicrotasks(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
