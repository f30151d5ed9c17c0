/** The clock of a client. Replace it in tests, never to tune behaviour. */
export interface Clock {
  /** The wall clock, in epoch milliseconds. */
  now(): number;
  /** A clock that is never set, in milliseconds from any fixed point. It may stand still while the machine is suspended. */
  monotonic(): number;
  /**
   * Resolves after `ms` milliseconds; rejects with `signal.reason` as soon as the signal aborts.
   * It must not keep the process alive: a token is refreshed in the background, too.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
