import type { ClientStatus } from '../client/client-status.ts';
import type { Clock } from '../clock/clock.ts';
import { hasPassed, msUntil, readTimestamp, wholeMs } from '../clock/timestamp.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import { RequestRefusedError } from '../error/request-refused-error.ts';
import type { EncryptedTokenStore } from '../store/encrypted-token-store.ts';
import type { AccessToken } from './access-token.ts';
import type { CachedToken } from './cached-token.ts';
import { readGetTokenArguments } from './get-token-arguments.ts';
import type { CallerOptions } from './pending-callers.ts';
import { type Flight, SingleFlight } from './single-flight.ts';
import type { TokenCache } from './token-cache.ts';
import { TokenDemand } from './token-demand.ts';
import type { TokenRequestReason } from './token-event.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';
import type { TokenFetcher } from './token-fetcher.ts';
import type { GetTokenOptions, TokenSource } from './token-source.ts';

/** The longest that `close()` waits for a store that does not respond, in milliseconds. */
const maxCloseMs = 2_000;

/** What a {@link TokenManager} works with; durations in milliseconds. */
export interface TokenManagerContext {
  readonly clock: Clock;
  /** The clock of waiting callers, whose timers keep the process alive. */
  readonly callerClock: Clock;
  readonly cache: TokenCache;
  readonly fetcher: TokenFetcher;
  readonly store: EncryptedTokenStore;
  readonly events: TokenEventEmitter;
  readonly maxWaitMs: number;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

/** Decides by the state of the held token (missing, fresh, stale, expired) whether callers get it or wait for the next one. */
export class TokenManager implements TokenSource {
  readonly #context: TokenManagerContext;
  readonly #clock: Clock;
  readonly #cache: TokenCache;
  readonly #flights: SingleFlight<CachedToken>;
  #closed: RequestRefusedError | undefined;

  constructor(context: TokenManagerContext) {
    this.#context = context;
    this.#clock = context.clock;
    this.#cache = context.cache;
    this.#flights = new SingleFlight(context.clock, context.callerClock);
  }

  getToken(options?: GetTokenOptions): Promise<AccessToken> {
    const held = this.#cache.current;
    if (options === undefined && held && !hasPassed(held.refreshAt, this.#clock)) return held.promise;
    return this.#findToken(options);
  }

  peekToken(): AccessToken | undefined {
    const held = this.#cache.current;
    if (!held) return undefined;
    if (!hasPassed(held.refreshAt, this.#clock)) return held.token;
    if (hasPassed(held.usableUntil, this.#clock)) return undefined;
    this.#refreshInBackground();
    return held.token;
  }

  status(): ClientStatus {
    const { fetcher } = this.#context;
    const now = readTimestamp(this.#clock);
    const token = this.#cache.current?.token;
    const waitMs = fetcher.msUntilNextRequest(now);
    return {
      state: this.#state(),
      refreshing: this.#flights.current !== undefined,
      ...(token && { obtainedAt: token.obtainedAt, expiresAt: token.expiresAt }),
      ...(waitMs > 0 && !this.#closed && { nextRequestAllowedAt: wholeMs(now.wall + waitMs) }),
      ...(fetcher.lastError && { lastError: fetcher.lastError }),
    };
  }

  /** Rejects waiting callers and aborts the request in progress. Resolves when the last write to the store has ended. */
  async close(): Promise<void> {
    if (!this.#closed) {
      const message = `The instellix client for ${this.#context.subject} is closed. Create a new one, or close it later.`;
      this.#closed = new RequestRefusedError('client_closed', message);
      this.#cache.clear();
      this.#flights.abort(this.#closed);
    }
    const settle = async () => {
      await this.#flights.settled();
      await this.#context.store.flush();
    };
    // By the clock of callers: a process must not end while it awaits `close()`.
    await withTimeout(this.#context.callerClock, maxCloseMs, settle, () => {});
  }

  /** @throws RequestRefusedError `client_closed` after {@link close} */
  ensureOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  async #findToken(options: GetTokenOptions | undefined): Promise<AccessToken> {
    const { signal, minValidityMs = 0, rejected } = readGetTokenArguments(options);
    signal?.throwIfAborted();
    const startedAt = this.#clock.monotonic();
    const isRefresh = rejected !== undefined && this.#reject(rejected);
    for (;;) {
      // A listener may have closed the client, or aborted the call.
      this.ensureOpen();
      signal?.throwIfAborted();
      const held = this.#cache.usable;
      if (held && this.#isLongEnough(held, minValidityMs)) {
        if (hasPassed(held.refreshAt, this.#clock)) this.#refreshInBackground();
        return held.token;
      }
      const why = isRefresh ? 'rejected' : this.#cache.current ? 'expired' : 'missing';
      const flight = this.#flights.current ?? this.#startFlight(why);
      const maxWaitMs = startedAt + this.#context.maxWaitMs - this.#clock.monotonic();
      const obtained = await this.#wait(flight, { maxWaitMs, minValidityMs, signal });
      // An endpoint may issue the same token again while it lives. The API would refuse it again.
      if (obtained.value === rejected?.value) throw this.#createRejection();
      // A flight that started before this caller came may find a short token in the store. A token of the endpoint is final.
      if (obtained.from === 'endpoint' || this.#isLongEnough(obtained, minValidityMs)) return obtained.token;
    }
  }

  async #wait(flight: Flight<CachedToken>, options: CallerOptions): Promise<CachedToken> {
    const { fetcher } = this.#context;
    // A flight that already waits for longer than this caller may.
    if (fetcher.msUntilNextAttempt() > options.maxWaitMs) throw fetcher.createTimeoutError();
    let obtained: CachedToken | undefined;
    try {
      obtained = await flight.wait(options);
    } catch (error) {
      // After a timeout, the request goes on for later calls. When the last caller has aborted and no token is held, it is aborted, too.
      const isAbandoned = options.signal?.aborted && flight.callers.count === 0 && !this.#cache.usable;
      if (isAbandoned && this.#flights.current === flight) this.#flights.abort();
      throw error;
    }
    if (!obtained) throw fetcher.createTimeoutError();
    return obtained;
  }

  /** Returns whether a new token is needed because of this rejection. */
  #reject(rejected: AccessToken): boolean {
    const { events, store } = this.#context;
    const held = this.#cache.current;
    const outcome = this.#cache.reject(rejected);
    switch (outcome) {
      case 'not_held':
        return this.#cache.current === undefined;
      case 'dropped':
        store.remove(held?.fence);
        events.emit({ type: 'token_rejected', refreshSuspended: false });
        return true;
      case 'loop_started':
        events.emit({ type: 'token_rejected', refreshSuspended: true });
        throw this.#createRejection();
      case 'loop_ongoing':
        throw this.#createRejection();
    }
  }

  #createRejection(): RequestRefusedError {
    const message = `The API rejected the access token for ${this.#context.subject} and the tokens that replaced it, so that no further token is requested for now. Check that API and token endpoint belong to the same environment and realm.`;
    return new RequestRefusedError('token_rejected', message);
  }

  #refreshInBackground(): void {
    if (this.#flights.current) return;
    if (this.#context.fetcher.msUntilNextRequest(readTimestamp(this.#clock)) <= 0) this.#startFlight('stale');
  }

  #startFlight(why: TokenRequestReason): Flight<CachedToken> {
    const replaced = this.#cache.current;
    return this.#flights.start(async (signal, callers) => {
      // The flight before, which was aborted, may have found a token all the same.
      const found = this.#cache.usable;
      if (found && found !== replaced) return found;
      const obtained = await this.#context.fetcher.fetch(new TokenDemand(why, callers, signal, this.#cache));
      this.ensureOpen();
      return this.#cache.put(obtained);
    });
  }

  /** A fresh token that was short from the start is long enough: the next one would be no longer. */
  #isLongEnough({ expiresAt, refreshAt, lifetimeMs }: CachedToken, minValidityMs: number): boolean {
    if (msUntil(expiresAt, readTimestamp(this.#clock)) >= minValidityMs) return true;
    return minValidityMs > lifetimeMs && !hasPassed(refreshAt, this.#clock);
  }

  #state(): ClientStatus['state'] {
    const held = this.#cache.current;
    if (this.#closed) return 'closed';
    if (!held) return 'missing';
    if (!hasPassed(held.refreshAt, this.#clock)) return 'fresh';
    return hasPassed(held.usableUntil, this.#clock) ? 'expired' : 'stale';
  }
}
