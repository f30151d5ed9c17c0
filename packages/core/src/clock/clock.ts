/** Where a client takes its time from; replace it in tests, never to tune behaviour. */
export interface Clock {
  /** Wall clock, epoch milliseconds; used for what people and other processes read. */
  now(): number;
  /** A clock that never steps, milliseconds from any fixed point; used for every decision within a process. */
  monotonic(): number;
  /**
   * Resolves after `ms` milliseconds; rejects with `signal.reason` as soon as the signal aborts.
   * It must not keep the process alive: whoever waits for a token does that on their own.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
