import type { Clock } from '../clock/clock.ts';
import { addMs, msUntil, readTimestamp, type Timestamp } from '../clock/timestamp.ts';
import type { TokenEndpoint } from '../endpoint/token-endpoint.ts';
import type { TokenRequestResult } from '../endpoint/token-request-result.ts';
import { createTokenRequestError } from '../error/create-token-request-error.ts';
import type { TokenRequestError } from '../error/token-request-error.ts';
import type { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import type { Lease } from './acquire-lease.ts';
import type { ObtainedToken } from './cached-token.ts';
import type { FailureStatus } from './failure-status.ts';
import type { InvalidClientTracker } from './invalid-client-tracker.ts';
import type { RequestBackoff } from './request-backoff.ts';
import type { TokenCache } from './token-cache.ts';
import type { TokenDemand } from './token-demand.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';
import type { WaitState } from './wait-state.ts';

/** What a {@link TokenRequester} works with; durations in milliseconds. */
export interface TokenRequesterContext {
  readonly clock: Clock;
  readonly store: EncryptedTokenStore;
  readonly cache: TokenCache;
  readonly events: TokenEventEmitter;
  readonly endpoint: Pick<TokenEndpoint, 'requestToken'>;
  readonly backoff: RequestBackoff;
  readonly invalidClient: InvalidClientTracker;
  readonly failures: FailureStatus;
  readonly waitState: WaitState;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

type Issued = TokenRequestResult & { readonly kind: 'issued' };
type Failed = Exclude<TokenRequestResult, Issued>;

/** Makes single token requests under a lease, and records what their outcome means for the next one. */
export class TokenRequester {
  readonly #context: TokenRequesterContext;

  constructor(context: TokenRequesterContext) {
    this.#context = context;
  }

  /**
   * Makes one token request. Returns undefined after a failure that may pass, and when the lease has ended before the request.
   *
   * @throws TokenRequestError after a failure that waiting cannot repair
   */
  async request(lease: Lease | undefined, secret: string, demand: TokenDemand): Promise<ObtainedToken | undefined> {
    const { clock, store, cache, events, endpoint, backoff, waitState, invalidClient, subject, timeoutMs } =
      this.#context;
    const { why, signal } = demand;
    const sentAt = readTimestamp(clock);
    // After a suspend, another client may hold the right by now. Without a fence there is no lease.
    const leaseLeftMs = lease ? msUntil(lease.endsAt, sentAt) : timeoutMs;
    if (leaseLeftMs <= 0 || signal.aborted) {
      store.release(lease?.fence, false);
      signal.throwIfAborted();
      return undefined;
    }
    waitState.set('endpoint');
    demand.attempts++;
    events.emit({ type: 'token_requested', why, attempt: demand.attempts });
    let result: TokenRequestResult;
    try {
      result = await endpoint.requestToken(secret, Math.min(timeoutMs, leaseLeftMs), signal, cache.values);
    } catch (reason) {
      backoff.recordSent(readTimestamp(clock));
      store.release(lease?.fence, true);
      throw reason;
    }
    const now = readTimestamp(clock);
    if (result.kind !== 'issued') return this.#handleFailure(result, lease?.fence, secret, demand, now);
    invalidClient.reset();
    const expiresAt = addMs(sentAt, result.lifetimeMs);
    if (msUntil(expiresAt, now) > 0) return this.#receive(result, lease?.fence, expiresAt, sentAt, now);
    const what = 'the token had expired before the response of the token endpoint was complete';
    const error = createTokenRequestError(subject, 'token_request_timeout', what);
    return this.#handleFailure({ kind: 'failed', error, requestSent: true }, lease?.fence, secret, demand, now);
  }

  #receive(
    { value, lifetimeMs, lifetimeAssumed }: Issued,
    fence: number | undefined,
    expiresAt: Timestamp,
    sentAt: Timestamp,
    now: Timestamp,
  ): ObtainedToken {
    const { store, events, backoff, failures, waitState } = this.#context;
    backoff.recordSent(now);
    backoff.recordSuccess();
    waitState.forgetFailure();
    failures.clear();
    store.commit(fence, { value, lifetimeMs }, expiresAt);
    if (lifetimeAssumed) events.emit({ type: 'lifetime_assumed', lifetimeMs });
    events.emit({ type: 'token_obtained', from: 'endpoint', lifetimeMs, tookMs: Math.round(-msUntil(sentAt, now)) });
    return { value, from: 'endpoint', lifetimeMs, expiresAt, fence };
  }

  #handleFailure(
    result: Failed,
    fence: number | undefined,
    secret: string,
    demand: TokenDemand,
    now: Timestamp,
  ): undefined {
    const { store, cache, backoff, invalidClient, failures, waitState } = this.#context;
    const { error } = result;
    const requestSent = result.kind === 'unauthorized' || result.requestSent;
    store.release(fence, requestSent);
    if (requestSent) backoff.recordSent(now);
    if (result.kind === 'failed') {
      backoff.recordFailure(now);
      if (error.retryAfterMs !== undefined) backoff.applyRetryAfter(now, error.retryAfterMs);
    }
    const stillServing = cache.usable !== undefined;
    const isFinal =
      result.kind === 'unauthorized' ? invalidClient.recordUnauthorized(secret, error, now) : !error.retryable;
    if (isFinal) {
      if (!requestSent) waitState.recordPermanentFailure(error);
      failures.report(error, stillServing);
      throw error;
    }
    const failure = result.kind === 'unauthorized' ? this.#maybeThrottled(error) : error;
    const { waitMs } = backoff.nextAllowed(now);
    waitState.recordFailure(failure);
    failures.report(failure, stillServing, waitMs <= demand.msLeft(now) ? waitMs : undefined);
    return undefined;
  }

  #maybeThrottled({ status, oauthError }: TokenRequestError): TokenRequestError {
    const { subject, minIntervalMs } = this.#context;
    const what = `the token endpoint responded with ${status}, which it also does for correct credentials when requests follow each other too soon; the next attempt decides`;
    return createTokenRequestError(subject, 'token_request_throttled', what, {
      status,
      oauthError,
      retryAfterMs: minIntervalMs,
    });
  }
}
