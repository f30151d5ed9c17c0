import { clearTimeout, setTimeout } from 'node:timers';
import type { RequestEntry } from './request-entry.ts';

/** How many entries are kept; the oldest make room for the newest. */
export const REQUEST_LOG_CAPACITY = 100_000;

type Matches = (entry: RequestEntry) => boolean;

interface Waiter {
  readonly matches: Matches;
  readonly found: RequestEntry[];
  readonly count: number;
  settle(error?: Error): void;
}

/** The requests that were waited for have not come in time. */
export class RequestsMissing extends Error {}

/** The bounded record of every request, in the order in which they were decided. */
export class RequestLog {
  readonly #capacity: number;
  readonly #waiters = new Set<Waiter>();
  #entries: RequestEntry[] = [];
  /** How many entries there have ever been; grows over `clear()`, so that a follower never reads an entry twice. */
  #total = 0;
  #isClosed = false;

  constructor(capacity = REQUEST_LOG_CAPACITY) {
    this.#capacity = capacity;
  }

  /** Appends an entry and serves those who wait for it. */
  add(entry: RequestEntry): void {
    this.#entries.push(Object.freeze(entry));
    this.#total += 1;
    // Cut in batches: shifting one entry per request would copy the whole list each time.
    if (this.#entries.length > this.#capacity * 1.25) this.#entries = this.#entries.slice(-this.#capacity);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(entry)) continue;
      waiter.found.push(entry);
      if (waiter.found.length >= waiter.count) waiter.settle();
    }
  }

  /** The entries that match, oldest first. */
  list(matches: Matches): RequestEntry[] {
    return this.#kept().filter(matches);
  }

  /** How many entries match. */
  count(matches: Matches): number {
    return this.list(matches).length;
  }

  /** Resolves with the matching entries, those already there included, as soon as there are `count` of them. */
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
            `requests.waitFor: ${found.length} of ${count} matching requests came within ${timeoutMs} ms`,
          ),
        );
      }, timeoutMs);
      this.#waiters.add(waiter);
      if (this.#isClosed) this.close();
    });
  }

  /** How many entries there have ever been. */
  get total(): number {
    return this.#total;
  }

  /** The entries behind the first `after` of all times, as far as they are kept. */
  listAfter(after: number): RequestEntry[] {
    const kept = this.#kept();
    const wanted = Math.min(kept.length, this.#total - after);
    return wanted > 0 ? kept.slice(-wanted) : [];
  }

  /** Resolves when another entry comes, or `timeoutMs` real milliseconds have passed without one. */
  async waitForNext(timeoutMs: number): Promise<void> {
    const before = this.#total;
    try {
      await this.waitFor(() => this.#total > before, 1, timeoutMs);
    } catch (error) {
      if (!(error instanceof RequestsMissing)) throw error;
    }
  }

  /** Forgets all entries; those who wait keep waiting for new ones. */
  clear(): void {
    this.#entries = [];
    for (const waiter of this.#waiters) waiter.found.length = 0;
  }

  /** Tells everybody who waits that no request will come any more. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters) {
      const { found, count } = waiter;
      waiter.settle(new Error(`requests.waitFor: the emulator was closed after ${found.length} of ${count} requests`));
    }
  }

  #kept(): RequestEntry[] {
    if (this.#entries.length > this.#capacity) this.#entries = this.#entries.slice(-this.#capacity);
    return this.#entries;
  }
}
