import { msUntil, type Timestamp } from '../clock/timestamp.ts';
import type { PendingCallers } from './pending-callers.ts';
import type { TokenCache } from './token-cache.ts';
import type { TokenRequestReason } from './token-event.ts';

/** Which token is needed, and the callers that wait for it. Callers join and leave while it is fetched. */
export class TokenDemand {
  readonly why: TokenRequestReason;
  readonly callers: PendingCallers;
  /** Aborts when the token is no longer wanted. */
  readonly signal: AbortSignal;
  /** How many token requests were sent for it. */
  attempts = 0;
  readonly #cache: TokenCache;

  constructor(why: TokenRequestReason, callers: PendingCallers, signal: AbortSignal, cache: TokenCache) {
    this.why = why;
    this.callers = callers;
    this.signal = signal;
    this.#cache = cache;
  }

  /** How long a new token is of use: until the last caller has left, and until the held token expires. Milliseconds. */
  msLeft(now: Timestamp): number {
    return Math.max(this.callers.msLeft, msUntil(this.#cache.usable?.usableUntil, now));
  }

  /** A shared token is of use only if it lives longer than this, in milliseconds: longer than the held one, too. */
  minRemainingMs(now: Timestamp): number {
    return Math.max(this.callers.minValidityMs, msUntil(this.#cache.usable?.expiresAt, now));
  }
}
