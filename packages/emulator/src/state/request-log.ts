import { clearTimeout, setTimeout } from 'node:timers';
import type { RequestEntry } from './request-entry.ts';

/** How many entries are kept. */
export const REQUEST_LOG_CAPACITY = 100_000;

type Matches = (entry: RequestEntry) => boolean;

interface Waiter {
  readonly matches: Matches;
  readonly found: RequestEntry[];
  readonly count: number;
  settle(error?: Error): void;
}

/** Too few requests matched in time. */
export class RequestsMissing extends Error {}

/** The last requests, in the order in which they were handled. */
export class RequestLog {
  readonly #capacity: number;
  readonly #waiters = new Set<Waiter>();
  #entries: RequestEntry[] = [];
  /** How many entries were ever added. `clear()` does not reset it, so that `follow()` returns no entry twice. */
  #total = 0;
  #isClosed = false;

  constructor(capacity = REQUEST_LOG_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Appends an entry, and resolves the calls of `waitFor` that it completes. */
  add(entry: RequestEntry): void {
    this.#entries.push(Object.freeze(entry));
    this.#total += 1;
    // In batches: removing one entry per request would copy the whole list each time.
    if (this.#entries.length > this.#capacity * 1.25) this.#entries = this.#entries.slice(-this.#capacity);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(entry)) continue;
      waiter.found.push(entry);
      if (waiter.found.length >= waiter.count) waiter.settle();
    }
  }

  list(matches: Matches): RequestEntry[] {
    return this.#kept().filter(matches);
  }

  count(matches: Matches): number {
    return this.list(matches).length;
  }

  /** Resolves with the matching entries as soon as there are `count` of them. Earlier entries count as well. */
  waitFor(matches: Matches, count: number, timeoutMs: number): Promise<RequestEntry[]> {
    const found = this.list(matches);
    if (found.length >= count) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        if (error === undefined) resolve(found);
        else reject(error);
      };
      const waiter: Waiter = { matches, found, count, settle };
      const timer = setTimeout(() => {
        settle(
          new RequestsMissing(
            `requests.waitFor: only ${found.length} of ${count} matching requests arrived within ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      this.#waiters.add(waiter);
      if (this.#isClosed) this.close();
    });
  }

  get total(): number {
    return this.#total;
  }

  /** The kept entries after the first `after` of all entries. */
  listAfter(after: number): RequestEntry[] {
    const kept = this.#kept();
    const wanted = Math.min(kept.length, this.#total - after);
    return wanted > 0 ? kept.slice(-wanted) : [];
  }

  /** Resolves at the next entry, or after `timeoutMs` real milliseconds. */
  async waitForNext(timeoutMs: number): Promise<void> {
    const before = this.#total;
    try {
      await this.waitFor(() => this.#total > before, 1, timeoutMs);
    } catch (error) {
      if (!(error instanceof RequestsMissing)) throw error;
    }
  }

  /** Removes all entries. Calls of `waitFor` in progress wait for new ones. */
  clear(): void {
    this.#entries = [];
    for (const waiter of this.#waiters) waiter.found.length = 0;
  }

  /** Rejects the calls of `waitFor`, now and later. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters) {
      const { found, count } = waiter;
      waiter.settle(
        new Error(`requests.waitFor: the emulator was closed after ${found.length} of ${count} matching requests`),
      );
    }
  }

  #kept(): RequestEntry[] {
    if (this.#entries.length > this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
    return this.#entries;
  }
}
