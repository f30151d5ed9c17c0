import type { Clock } from '../clock/clock.ts';
import { hasPassed, msUntil, readTimestamp } from '../clock/timestamp.ts';
import type { SharedToken } from '../store/encrypted-token-store.ts';
import type { AccessToken } from './access-token.ts';
import {
  type AgePolicy,
  type CachedToken,
  createCachedToken,
  expiryMarginMs,
  type ObtainedToken,
} from './cached-token.ts';
import { RejectedTokens } from './rejected-tokens.ts';

/** The outcome of {@link TokenCache.reject}. */
export type RejectionOutcome =
  /** Another token is held by now, or none was: nothing was dropped. */
  | 'not_held'
  | 'dropped'
  /** The API refuses each new token: this one is kept, and no other is requested for a while. */
  | 'loop_started'
  | 'loop_ongoing';

/** The token that a client holds, and those that the API has refused. */
export class TokenCache {
  readonly #clock: Clock;
  readonly #agePolicy: AgePolicy;
  readonly #rejected: RejectedTokens;
  #current: CachedToken | undefined;
  #knownFence: number | undefined;

  /** @param windowMs the throttle interval of the vendor, within which a rejected refresh is part of a loop */
  constructor(clock: Clock, agePolicy: AgePolicy, windowMs: number) {
    this.#clock = clock;
    this.#agePolicy = agePolicy;
    this.#rejected = new RejectedTokens(windowMs);
  }

  /** The held token, even when it has expired. */
  get current(): CachedToken | undefined {
    return this.#current;
  }

  /** The held token unless it has expired. */
  get usable(): CachedToken | undefined {
    const current = this.#current;
    return current && !hasPassed(current.usableUntil, this.#clock) ? current : undefined;
  }

  /** The highest fence of all tokens that were held. Only a newer token of the store is of use. */
  get knownFence(): number | undefined {
    return this.#knownFence;
  }

  /** The values of the held token and of those that the API has refused, which must not appear in messages. */
  get values(): readonly string[] {
    return [...this.#rejected.values, ...(this.#current ? [this.#current.value] : [])];
  }

  /** Whether a token from the store is worth holding: neither refused by the API nor about to expire. */
  accepts({ value, lifetimeMs, expiresAt }: SharedToken, minRemainingMs: number): boolean {
    const remainingMs = msUntil(expiresAt, readTimestamp(this.#clock));
    const marginMs = expiryMarginMs(lifetimeMs, this.#agePolicy);
    return remainingMs > Math.max(marginMs, minRemainingMs) && !this.#rejected.has(value);
  }

  put(obtained: ObtainedToken): CachedToken {
    const cached = createCachedToken(obtained, this.#agePolicy, readTimestamp(this.#clock));
    this.#current = cached;
    this.#knownFence = Math.max(obtained.fence ?? 0, this.#knownFence ?? 0) || undefined;
    this.#rejected.finishRefresh(cached);
    return cached;
  }

  /** Records that the API has refused a token, and drops it if it is the held one. */
  reject(token: AccessToken): RejectionOutcome {
    const held = this.#current;
    if (held?.value !== token.value) {
      this.#rejected.add(token.value);
      if (!held) this.#rejected.startRefresh();
      return 'not_held';
    }
    const loop = this.#rejected.detectRejectionLoop(held, readTimestamp(this.#clock));
    if (loop) return `loop_${loop}`;
    this.#rejected.startRefresh();
    this.#current = undefined;
    return 'dropped';
  }

  clear(): void {
    this.#current = undefined;
  }
}
