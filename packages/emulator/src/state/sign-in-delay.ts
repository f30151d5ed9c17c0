import { hash } from 'node:crypto';

const FREE_FAILURES = 5;
const WAIT_MS = 60_000;
const MAX_NAMES = 10_000;

/** Slows down guessing: after five wrong passwords, a name has to wait for a minute before each further attempt. */
export class SignInDelay {
  // By digest: a password may have been typed in the place of the name.
  readonly #failures = new Map<string, { readonly count: number; readonly lastAt: number }>();

  /** For how many ms of the emulator's clock this name has to wait; 0: it may try. */
  waitFor(username: string, now: number): number {
    const { count = 0, lastAt = 0 } = this.#failures.get(toKey(username)) ?? {};
    return count < FREE_FAILURES ? 0 : Math.max(0, lastAt + WAIT_MS - now);
  }

  /** Counts a wrong password. */
  fail(username: string, now: number): void {
    const key = toKey(username);
    const { count = 0 } = this.#failures.get(key) ?? {};
    this.#failures.delete(key);
    this.#failures.set(key, { count: count + 1, lastAt: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_NAMES && oldest !== undefined) this.#failures.delete(oldest);
  }

  /** Forgets the failures of a name that has signed in. */
  succeed(username: string): void {
    this.#failures.delete(toKey(username));
  }

  /** Forgets all failures. */
  clear(): void {
    this.#failures.clear();
  }
}

function toKey(username: string): string {
  return hash('sha256', username, 'base64url');
}
