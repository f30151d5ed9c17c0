import { addMs, msUntil, type Timestamp } from '../clock/timestamp.ts';
import type { TokenRequestError } from '../error/token-request-error.ts';

const maxCoolDownMs = 60_000;

/**
 * Distinguishes throttled credentials from rejected ones: the vendor returns 401 for both.
 *
 * Two requests are a full window apart, so the second 401 in a row cannot be the throttle. After it, the same secret is not tried again
 * for a cool-down.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export class InvalidClientTracker {
  readonly #windowMs: number;
  #hasFirst = false;
  #rejected: { readonly secret: string; readonly error: TokenRequestError; readonly until: Timestamp } | undefined;
  #coolDownMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#coolDownMs = windowMs;
  }

  /** How long the cool-down still lasts, in milliseconds; negative when there is none. */
  msUntilRetry(now: Timestamp): number {
    return msUntil(this.#rejected?.until, now);
  }

  /** Records a 401 and returns whether it is final. */
  recordUnauthorized(secret: string, error: TokenRequestError, now: Timestamp): boolean {
    // What was found out about a rejected secret says nothing about the one that replaced it.
    if (this.#rejected && this.#rejected.secret !== secret) this.reset();
    if (!this.#hasFirst) {
      this.#hasFirst = true;
      return false;
    }
    this.#rejected = { secret, error, until: addMs(now, this.#coolDownMs) };
    this.#coolDownMs = Math.min(this.#coolDownMs * 2, maxCoolDownMs);
    return true;
  }

  /** The error of a rejected secret during its cool-down, also when another secret was read in between. */
  cachedErrorFor(secret: string, now: Timestamp): TokenRequestError | undefined {
    return this.#rejected?.secret === secret && this.msUntilRetry(now) > 0 ? this.#rejected.error : undefined;
  }

  reset(): void {
    this.#hasFirst = false;
    this.#rejected = undefined;
    this.#coolDownMs = this.#windowMs;
  }
}
