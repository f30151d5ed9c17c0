import { type AccessToken, createAccessToken } from './access-token.ts';

/** A token that has just been obtained, with its times on the monotonic clock. */
export interface ObtainedToken {
  readonly value: string;
  readonly from: 'endpoint' | 'store';
  /** The whole lifetime, milliseconds, also when part of it has passed. */
  readonly lifetimeMs: number;
  /** When it ends, monotonic milliseconds. */
  readonly endsAt: number;
  /** Its fencing number in the store; undefined when the store had no part in it. */
  readonly fence: number | undefined;
}

/** When a token is refreshed and when it is no longer used. */
export interface AgePolicy {
  /** The part of the lifetime after which it is refreshed, jitter already taken off. */
  readonly refreshAtFraction: number;
  /** Milliseconds before its end; undefined: 10 s or a tenth of the lifetime, whichever is less. */
  readonly expiryMarginMs: number | undefined;
}

/** The token that a client holds, with the moments at which it changes its state (monotonic milliseconds). */
export interface HeldToken extends ObtainedToken {
  readonly token: AccessToken;
  /** Already resolved: a warm read hands it out and allocates nothing. */
  readonly promise: Promise<AccessToken>;
  /** Fresh before, aging from here on. */
  readonly freshUntil: number;
  /** Spent from here on. */
  readonly usableUntil: number;
}

/** Computes when an obtained token ages and when it is spent. `offsetMs`: wall clock minus monotonic clock, now. */
export function holdToken(obtained: ObtainedToken, policy: AgePolicy, offsetMs: number): HeldToken {
  const { value, lifetimeMs, endsAt } = obtained;
  const startedAt = endsAt - lifetimeMs;
  const usableUntil = endsAt - expiryMarginMs(lifetimeMs, policy);
  const token = createAccessToken(value, Math.round(startedAt + offsetMs), Math.round(endsAt + offsetMs));
  return {
    ...obtained,
    token,
    promise: Promise.resolve(token),
    freshUntil: Math.min(startedAt + lifetimeMs * policy.refreshAtFraction, usableUntil),
    usableUntil,
  };
}

/** How long before its end a token is no longer used, milliseconds. */
export function expiryMarginMs(lifetimeMs: number, policy: AgePolicy): number {
  // A margin as long as the lifetime would make every token useless on arrival, so half of the lifetime is the most.
  return Math.min(policy.expiryMarginMs ?? Math.min(10_000, lifetimeMs / 10), lifetimeMs / 2);
}
