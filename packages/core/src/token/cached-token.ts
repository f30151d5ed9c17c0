import { addMs, type Timestamp } from '../clock/timestamp.ts';
import { type AccessToken, createAccessToken } from './access-token.ts';

/** A token as it was obtained. */
export interface ObtainedToken {
  readonly value: string;
  readonly from: 'endpoint' | 'store';
  /** The whole lifetime in milliseconds, also when part of it has passed. */
  readonly lifetimeMs: number;
  /** When its lifetime ends. */
  readonly expiresAt: Timestamp;
  /** Its fencing number in the store; undefined when the store had no part in it. */
  readonly fence: number | undefined;
}

/** When a token is refreshed and when it is no longer used. */
export interface AgePolicy {
  /** The part of the lifetime after which it is refreshed, less the jitter. */
  readonly refreshAtFraction: number;
  /** How long before its end a token is no longer used, in milliseconds; undefined: 10 s or a tenth of the lifetime, whichever is less. */
  readonly expiryMarginMs: number | undefined;
}

/** The token that a client holds, with the times at which its state changes. */
export interface CachedToken extends ObtainedToken {
  readonly token: AccessToken;
  /** Already resolved, so that a warm read allocates no promise. */
  readonly promise: Promise<AccessToken>;
  readonly obtainedAt: Timestamp;
  /** Fresh before, stale from here on. */
  readonly refreshAt: Timestamp;
  /** Expired from here on. */
  readonly usableUntil: Timestamp;
}

/** Computes when an obtained token becomes stale and when it expires. */
export function createCachedToken(obtained: ObtainedToken, policy: AgePolicy, now: Timestamp): CachedToken {
  const { value, lifetimeMs, expiresAt, from } = obtained;
  const marginMs = expiryMarginMs(lifetimeMs, policy);
  const issuedAt = addMs(expiresAt, -lifetimeMs);
  const token = createAccessToken(value, Math.round(issuedAt.wall), Math.round(expiresAt.wall), from === 'store');
  return {
    ...obtained,
    token,
    promise: Promise.resolve(token),
    obtainedAt: now,
    refreshAt: addMs(issuedAt, Math.min(lifetimeMs * policy.refreshAtFraction, lifetimeMs - marginMs)),
    usableUntil: addMs(expiresAt, -marginMs),
  };
}

/** How long before its end a token is no longer used, in milliseconds. */
export function expiryMarginMs(lifetimeMs: number, policy: Pick<AgePolicy, 'expiryMarginMs'>): number {
  // With a margin as long as the lifetime, no token could ever be used, so the margin is at most half of the lifetime.
  return Math.min(policy.expiryMarginMs ?? Math.min(10_000, lifetimeMs / 10), lifetimeMs / 2);
}
