import type { Clock } from '../clock/clock.ts';
import { msUntil, readTimestamp, type Timestamp } from '../clock/timestamp.ts';
import type { TokenEndpoint } from '../endpoint/token-endpoint.ts';
import type { InstellixError } from '../error/instellix-error.ts';
import type { EncryptedTokenStore, SharedToken } from '../store/encrypted-token-store.ts';
import { acquireLease, type LeaseContext } from './acquire-lease.ts';
import { AttemptWait } from './attempt-wait.ts';
import type { ObtainedToken } from './cached-token.ts';
import { FailureStatus, type LastError } from './failure-status.ts';
import { InvalidClientTracker } from './invalid-client-tracker.ts';
import { RequestBackoff } from './request-backoff.ts';
import type { SecretReader } from './secret-reader.ts';
import type { TokenCache } from './token-cache.ts';
import type { TokenDemand } from './token-demand.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';
import { TokenRequester } from './token-requester.ts';
import { WaitState } from './wait-state.ts';

/** What a {@link TokenFetcher} works with; durations in milliseconds. */
export interface TokenFetcherContext {
  readonly clock: Clock;
  readonly store: EncryptedTokenStore;
  readonly cache: TokenCache;
  readonly events: TokenEventEmitter;
  readonly endpoint: Pick<TokenEndpoint, 'requestToken'>;
  readonly secrets: SecretReader;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

/**
 * Fetches one token at a time: from the store when another client has stored one, else from the token endpoint. Waits for the throttle
 * interval, retries failures that may pass, and throws those that waiting cannot repair.
 */
export class TokenFetcher {
  readonly #context: TokenFetcherContext;
  readonly #backoff: RequestBackoff;
  readonly #invalidClient: InvalidClientTracker;
  readonly #failures: FailureStatus;
  readonly #waitState: WaitState;
  readonly #requester: TokenRequester;
  readonly #attemptWait: AttemptWait;
  readonly #leaseContext: LeaseContext;

  constructor(context: TokenFetcherContext) {
    const { clock, events, minIntervalMs, random, subject } = context;
    this.#context = context;
    this.#backoff = new RequestBackoff(minIntervalMs, random);
    this.#invalidClient = new InvalidClientTracker(minIntervalMs);
    this.#failures = new FailureStatus(clock, events);
    this.#waitState = new WaitState(subject);
    this.#attemptWait = new AttemptWait(clock, events, this.#waitState);
    this.#leaseContext = { ...context, waitState: this.#waitState };
    this.#requester = new TokenRequester({
      ...context,
      waitState: this.#waitState,
      backoff: this.#backoff,
      invalidClient: this.#invalidClient,
      failures: this.#failures,
    });
  }

  /** The last failure since the last success. */
  get lastError(): LastError | undefined {
    return this.#failures.lastError;
  }

  /** How long until this client may send the next request, in milliseconds; 0 or less when it may now. */
  msUntilNextRequest(now: Timestamp): number {
    return Math.max(this.#backoff.nextAllowed(now).waitMs, this.#invalidClient.msUntilRetry(now));
  }

  /** How long the fetch in progress still waits before its next attempt, in milliseconds; negative when it does not wait. */
  msUntilNextAttempt(): number {
    return this.#attemptWait.msLeft;
  }

  /** Creates the error for a caller whose `maxWaitMs` has elapsed. */
  createTimeoutError(): InstellixError {
    return this.#waitState.createTimeoutError(readTimestamp(this.#context.clock));
  }

  /**
   * Fetches a token. Must not be called again before it has settled.
   *
   * @throws InstellixError the error that callers get
   */
  async fetch(demand: TokenDemand): Promise<ObtainedToken> {
    try {
      return await this.#obtain(demand);
    } catch (error) {
      const { events } = this.#context;
      // Not when the signal has aborted after a failure, which is an event of its own. A wait that was announced must end with an event.
      if (error === demand.signal.reason || events.isWaiting) events.emit({ type: 'token_request_aborted' });
      throw error;
    }
  }

  async #obtain(demand: TokenDemand): Promise<ObtainedToken> {
    const { clock, store } = this.#context;
    const stored = await this.#readWhileBlocked(demand);
    if (stored) return stored;
    for (;;) {
      const now = readTimestamp(clock);
      const allowed = this.#backoff.nextAllowed(now);
      await this.#attemptWait.wait(allowed.for, allowed.at ?? now, demand);
      const secret = await this.#readSecret(demand);
      const rejected = this.#invalidClient.cachedErrorFor(secret, readTimestamp(clock));
      if (rejected) throw rejected;
      this.#waitState.set('store');
      await store.useSecret(secret);
      const lease = await acquireLease(this.#leaseContext, demand);
      if (lease.outcome === 'found') return this.#receiveShared(lease.token, lease.askedAt);
      if (lease.outcome === 'closed') await this.#attemptWait.wait('throttle', lease.until, demand);
      else {
        const obtained = await this.#requester.request(lease.lease, secret, demand);
        if (obtained) return obtained;
      }
    }
  }

  /**
   * While no request may be sent, the token of another client may still be in the store.
   *
   * @throws the error of a failure that waiting cannot repair, while its retry is not yet allowed
   */
  async #readWhileBlocked(demand: TokenDemand): Promise<ObtainedToken | undefined> {
    const { clock, store, cache } = this.#context;
    const now = readTimestamp(clock);
    if (this.msUntilNextRequest(now) <= 0) {
      this.#waitState.forgetFailure();
      return undefined;
    }
    let failure = this.#waitState.permanentFailure;
    if (this.#invalidClient.msUntilRetry(now) > 0) {
      const secret = await this.#readSecret(demand);
      await store.useSecret(secret);
      failure ??= this.#invalidClient.cachedErrorFor(secret, readTimestamp(clock));
    }
    this.#waitState.set('store');
    const askedAt = readTimestamp(clock);
    const minRemainingMs = demand.minRemainingMs(askedAt);
    const token = await store.read();
    demand.signal.throwIfAborted();
    const isNewer = token && token.fence > (cache.knownFence ?? 0);
    if (isNewer && cache.accepts(token, minRemainingMs)) return this.#receiveShared(token, askedAt);
    if (failure) throw failure;
    return undefined;
  }

  #receiveShared({ value, lifetimeMs, expiresAt, fence }: SharedToken, askedAt: Timestamp): ObtainedToken {
    const { clock, events } = this.#context;
    // The backoff stays as it is: the token may predate the server's last Retry-After.
    this.#invalidClient.reset();
    this.#waitState.forgetFailure();
    this.#failures.clear();
    const tookMs = Math.round(-msUntil(askedAt, readTimestamp(clock)));
    events.emit({ type: 'token_obtained', from: 'store', lifetimeMs, tookMs });
    return { value, from: 'store', lifetimeMs, expiresAt, fence };
  }

  async #readSecret({ signal }: TokenDemand): Promise<string> {
    const { clock, cache, secrets, timeoutMs } = this.#context;
    this.#waitState.set('secret');
    try {
      const secret = await secrets.read(timeoutMs, signal);
      if (secret === undefined) throw this.createTimeoutError();
      return secret;
    } catch (error) {
      signal.throwIfAborted();
      this.#backoff.recordFailure(readTimestamp(clock));
      this.#waitState.recordFailure(error as InstellixError);
      this.#failures.report(error as InstellixError, cache.usable !== undefined);
      throw error;
    }
  }
}
