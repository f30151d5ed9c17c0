import type { TokenRequestError } from '../error/token-request-error.ts';

const longestCoolDownMs = 60_000;

/**
 * Tells a throttled credential from a rejected one.
 *
 * The vendor answers 401 to both. The gate keeps two requests a full window apart, so the second 401 in a row cannot be
 * the throttle; after it, the same secret is not tried again for a while.
 */
export class CredentialTrial {
  readonly #windowMs: number;
  #suspected = false;
  #verdict: { readonly secret: string; readonly error: TokenRequestError; readonly until: number } | undefined;
  #coolDownMs: number;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
    this.#coolDownMs = windowMs;
  }

  /** When the cool-down ends, monotonic milliseconds; in the past when there is none. */
  get coolDownUntil(): number {
    return this.#verdict?.until ?? Number.NEGATIVE_INFINITY;
  }

  /** Takes a 401; answers whether it is final. */
  refuse(secret: string, error: TokenRequestError, now: number): boolean {
    // What was found of another secret says nothing about this one, also when its cool-down is over.
    if (this.#verdict && this.#verdict.secret !== secret) this.accept();
    if (!this.#suspected) {
      this.#suspected = true;
      return false;
    }
    this.#verdict = { secret, error, until: now + this.#coolDownMs };
    this.#coolDownMs = Math.min(this.#coolDownMs * 2, longestCoolDownMs);
    return true;
  }

  /** The error that stands for this secret during its cool-down, also when another one has been read in between. */
  verdictOn(secret: string, now: number): TokenRequestError | undefined {
    return this.#verdict?.secret === secret && now < this.#verdict.until ? this.#verdict.error : undefined;
  }

  accept(): void {
    this.#suspected = false;
    this.#verdict = undefined;
    this.#coolDownMs = this.#windowMs;
  }
}
