import { hash } from 'node:crypto';

const FREE_FAILURES = 5;
const WAIT_MS = 60_000;
const MAX_NAMES = 10_000;

/** Slows down guessing: after five wrong passwords for a name, each further attempt has to wait for a minute. */
export class SignInDelay {
  // Keyed by digest, because a user may have typed the password into the field of the name.
  readonly #failures = new Map<string, { readonly count: number; readonly lastAt: number }>();

  /** How many ms of the emulator's clock the next attempt has to wait; 0: none. */
  waitFor(username: string, now: number): number {
    const { count = 0, lastAt = 0 } = this.#failures.get(toKey(username)) ?? {};
    return count < FREE_FAILURES ? 0 : Math.max(0, lastAt + WAIT_MS - now);
  }

  fail(username: string, now: number): void {
    const key = toKey(username);
    const { count = 0 } = this.#failures.get(key) ?? {};
    this.#failures.delete(key);
    this.#failures.set(key, { count: count + 1, lastAt: now });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_NAMES && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeed(username: string): void {
    this.#failures.delete(toKey(username));
  }

  clear(): void {
    this.#failures.clear();
  }
}

function toKey(username: string): string {
  return hash('sha256', username, 'base64url');
}
