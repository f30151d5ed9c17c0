import { hash } from 'node:crypto';

const FREE_FAILURES = 5;
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 900_000;
/** Failures are forgotten after this long without another one. */
const MEMORY_MS = 3_600_000;
const MOST_NAMES = 10_000;
/** How many passwords are checked at a time: each takes 16 MiB and a core. */
const MOST_AT_ONCE = 8;

interface Record {
  failures: number;
  lastAt: number;
}

/**
 * Slows down whoever guesses passwords: after five failures a name has to wait a minute, then twice as long each time, up
 * to a quarter of an hour. Names that do not exist are treated alike, and the right password has to wait as well.
 *
 * All times are real, in ms.
 */
export class SignInThrottle {
  readonly #records = new Map<string, Record>();
  #running = 0;

  /** How long this name has to wait; 0: it may try. */
  waitFor(username: string, now: number): number {
    const record = this.#records.get(toKey(username));
    if (record === undefined || record.failures < FREE_FAILURES) return 0;
    const wait = Math.min(FIRST_WAIT_MS * 2 ** (record.failures - FREE_FAILURES), LONGEST_WAIT_MS);
    return Math.max(0, record.lastAt + wait - now);
  }

  /** Counts a wrong password. */
  fail(username: string, now: number): void {
    const key = toKey(username);
    const before = this.#records.get(key);
    const failures = before === undefined || now - before.lastAt >= MEMORY_MS ? 1 : before.failures + 1;
    // Taken out and put in again: the map is in the order of the last failures.
    this.#records.delete(key);
    this.#records.set(key, { failures, lastAt: now });
    const [oldest] = this.#records.keys();
    if (this.#records.size > MOST_NAMES && oldest !== undefined) this.#records.delete(oldest);
  }

  /** Forgets the failures of a name that has signed in. */
  succeed(username: string): void {
    this.#records.delete(toKey(username));
  }

  /** Runs a check of a password; `undefined` when too many are running. */
  async run<Result>(check: () => Promise<Result>): Promise<{ readonly result: Result } | undefined> {
    if (this.#running >= MOST_AT_ONCE) return undefined;
    this.#running += 1;
    try {
      return { result: await check() };
    } finally {
      this.#running -= 1;
    }
  }
}

/** A digest: somebody may have typed the password in the place of the name. */
function toKey(username: string): string {
  return hash('sha256', username, 'base64url');
}
