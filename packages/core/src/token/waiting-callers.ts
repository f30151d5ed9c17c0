import type { Clock } from '../clock/clock.ts';

interface Caller<T> {
  readonly deadline: number;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly hold: ReturnType<typeof setInterval>;
}

/** What {@link WaitingCallers} asks of the one who makes them wait. */
export interface WaitingCallersOptions {
  readonly clock: Clock;
  /** Makes the error for a caller whose time is up. */
  readonly overdueError: () => Error;
  /** The last caller left on its own: aborted, or its time was up. */
  readonly onDeserted: () => void;
}

/**
 * The callers that wait for one token request.
 *
 * Each may leave on its own (signal, deadline) without the others noticing. A single timer serves ten thousand callers: all
 * wait equally long, so that hardly ever one is due before those who came earlier.
 */
export class WaitingCallers<T> {
  readonly #options: WaitingCallersOptions;
  readonly #callers = new Set<Caller<T>>();
  /** Node warns of more than ten listeners of one signal, and looks through all of them at each change. */
  readonly #bySignal = new Map<AbortSignal, Set<Caller<T>>>();
  readonly #onAbort = ({ target }: Event) => {
    const signal = target as AbortSignal;
    for (const caller of this.#bySignal.get(signal) ?? []) this.#dismiss(caller, signal.reason);
  };
  #watch: AbortController | undefined;
  /** When the watch looks next. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  #lastDeadline = Number.NEGATIVE_INFINITY;

  constructor(options: WaitingCallersOptions) {
    this.#options = options;
  }

  /** The latest moment at which an outcome is of use to one of them, monotonic milliseconds. */
  get lastDeadline(): number {
    return this.#callers.size > 0 ? this.#lastDeadline : Number.NEGATIVE_INFINITY;
  }

  join(deadline: number, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      // Timers of the clock let a process end; somebody who waits for a token must not lose it to that. One for each, since
      // some workers end a request that waits for nothing of its own.
      const hold = setInterval(() => {}, 2 ** 30);
      const caller: Caller<T> = { deadline, resolve, reject, signal, hold };
      if (signal) this.#listen(signal, caller);
      this.#lastDeadline = Math.max(this.lastDeadline, deadline);
      this.#callers.add(caller);
      if (deadline < this.#nextDeadline) void this.#watchDeadlines();
    });
  }

  resolveAll(value: T): void {
    for (const caller of this.#takeAll()) caller.resolve(value);
  }

  rejectAll(error: unknown): void {
    for (const caller of this.#takeAll()) caller.reject(error);
  }

  #takeAll(): Caller<T>[] {
    const callers = [...this.#callers];
    for (const caller of callers) this.#remove(caller);
    return callers;
  }

  #listen(signal: AbortSignal, caller: Caller<T>): void {
    const callers = this.#bySignal.get(signal) ?? new Set();
    this.#bySignal.set(signal, callers.add(caller));
    // Added twice, it is still one listener.
    signal.addEventListener('abort', this.#onAbort);
  }

  #remove(caller: Caller<T>): void {
    const { signal } = caller;
    const sharers = signal && this.#bySignal.get(signal);
    sharers?.delete(caller);
    if (sharers?.size === 0) {
      this.#bySignal.delete(signal as AbortSignal);
      signal?.removeEventListener('abort', this.#onAbort);
    }
    clearInterval(caller.hold);
    this.#callers.delete(caller);
    if (this.#callers.size > 0) return;
    this.#watch?.abort();
    this.#nextDeadline = Number.POSITIVE_INFINITY;
  }

  async #watchDeadlines(): Promise<void> {
    this.#watch?.abort();
    const watch = new AbortController();
    this.#watch = watch;
    const { clock } = this.#options;
    while (!watch.signal.aborted) {
      const now = clock.monotonic();
      let next = Number.POSITIVE_INFINITY;
      for (const caller of this.#callers) {
        if (caller.deadline <= now) this.#dismiss(caller, this.#options.overdueError());
        else next = Math.min(next, caller.deadline);
      }
      this.#nextDeadline = next;
      if (next === Number.POSITIVE_INFINITY) return;
      await clock.sleep(next - now, watch.signal).catch(() => {});
    }
  }

  #dismiss(caller: Caller<T>, reason: unknown): void {
    this.#remove(caller);
    caller.reject(reason);
    if (this.#callers.size === 0) this.#options.onDeserted();
  }
}
