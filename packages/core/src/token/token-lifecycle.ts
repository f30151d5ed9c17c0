import type { ClientStatus } from '../client/client-status.ts';
import type { Clock } from '../clock/clock.ts';
import { ConfigurationError } from '../error/configuration-error.ts';
import { RequestRefusedError } from '../error/request-refused-error.ts';
import type { AccessToken } from './access-token.ts';
import { type AgePolicy, expiryMarginMs, type HeldToken, holdToken, type ObtainedToken } from './held-token.ts';
import { RejectedTokens } from './rejected-tokens.ts';
import { type Flight, SingleFlight } from './single-flight.ts';
import type { TokenAcquirer } from './token-acquirer.ts';
import type { TokenEventDetails, TokenRequestReason } from './token-event.ts';
import type { TokenOrder } from './token-order.ts';
import type { GetTokenOptions, TokenSource } from './token-source.ts';

/** What a {@link TokenLifecycle} works with; all durations milliseconds. */
export interface TokenLifecycleParts {
  readonly clock: Clock;
  readonly acquirer: TokenAcquirer;
  readonly emit: (event: TokenEventDetails) => void;
  readonly agePolicy: AgePolicy;
  readonly maxWaitMs: number;
  readonly minIntervalMs: number;
  /** Realm and environment, for messages. */
  readonly subject: string;
}

/** The states of a client's token (cold, fresh, aging, spent) and what moves it from one to the next. */
export class TokenLifecycle implements TokenSource {
  readonly #parts: TokenLifecycleParts;
  readonly #clock: Clock;
  #held: HeldToken | undefined;
  readonly #flights: SingleFlight<HeldToken, TokenRequestReason>;
  readonly #rejected: RejectedTokens;
  #closed: RequestRefusedError | undefined;

  constructor(parts: TokenLifecycleParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#rejected = new RejectedTokens(parts.minIntervalMs);
    this.#flights = new SingleFlight({
      clock: parts.clock,
      acquire: this.#acquire.bind(this),
      stillServing: this.#stillServing,
      overdueError: () => parts.acquirer.explainWait(),
    });
  }

  getToken(options?: GetTokenOptions): Promise<AccessToken> {
    const held = this.#held;
    if (options === undefined && held !== undefined && this.#clock.monotonic() < held.freshUntil) return held.promise;
    return this.#findToken(options);
  }

  peekToken(): AccessToken | undefined {
    const held = this.#held;
    if (held === undefined) return undefined;
    const now = this.#clock.monotonic();
    if (now < held.freshUntil) return held.token;
    if (now >= held.usableUntil) return undefined;
    this.#refreshInBackground(now);
    return held.token;
  }

  status(): ClientStatus {
    const { clock, acquirer } = this.#parts;
    const now = clock.monotonic();
    const token = this.#held?.token;
    const waitMs = acquirer.nextRequestAt - now;
    return {
      state: this.#stateAt(now),
      refreshing: this.#flights.current !== undefined,
      ...(token && { obtainedAt: token.obtainedAt, expiresAt: token.expiresAt }),
      ...(waitMs > 0 && !this.#closed && { nextRequestAllowedAt: Math.ceil(clock.now() + waitMs) }),
      ...(acquirer.lastError && { lastError: acquirer.lastError }),
    };
  }

  /** Rejects whoever waits, ends the flight; settles when the store knows of it. */
  async close(): Promise<void> {
    if (!this.#closed) {
      const error = new RequestRefusedError(
        'client_closed',
        `The instellix client for ${this.#parts.subject} is closed. Create a new one, or close it later.`,
      );
      this.#closed = error;
      this.#held = undefined;
      this.#rejected.close();
      this.#flights.end(error);
    }
    await this.#flights.landed();
    await this.#parts.acquirer.flush();
  }

  /** @throws RequestRefusedError `client_closed` after {@link close} */
  ensureOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  async #findToken({ signal, minValidityMs = 0, rejected }: GetTokenOptions = {}): Promise<AccessToken> {
    if (!(Number.isFinite(minValidityMs) && minValidityMs >= 0)) {
      throw new ConfigurationError(['getToken: minValidityMs must be a number of milliseconds, 0 or more.']);
    }
    if (rejected && typeof rejected.value !== 'string') {
      throw new ConfigurationError(['getToken: rejected must be the token that getToken returned, not its value.']);
    }
    signal?.throwIfAborted();
    const startedAt = this.#clock.monotonic();
    const isRenewal = rejected !== undefined && this.#reject(rejected, startedAt);
    for (;;) {
      this.ensureOpen();
      // A listener may have aborted it, or a token have come that is too short for this caller alone.
      signal?.throwIfAborted();
      const now = this.#clock.monotonic();
      const held = this.#held;
      if (held && now < held.usableUntil && isLongEnough(held, minValidityMs, now)) {
        if (now >= held.freshUntil) this.#refreshInBackground(now);
        return held.token;
      }
      const flight = this.#flights.current ?? this.#flights.depart(isRenewal ? 'rejected' : held ? 'spent' : 'cold');
      flight.minValidityMs = Math.max(flight.minValidityMs, minValidityMs);
      const landed = await flight.callers.join(startedAt + this.#parts.maxWaitMs, signal);
      // An endpoint may hand out a token again while it lives; the API would refuse it again, too.
      if (landed.value === rejected?.value) throw this.#refusal();
      // A flight that left before this caller came may bring a shorter token from the store; the server's is final.
      const isFinal = landed.from === 'endpoint' || isLongEnough(landed, minValidityMs, this.#clock.monotonic());
      if (isFinal) return landed.token;
    }
  }

  /** Drops the held token if it is the rejected one; answers whether a renewal is due. */
  #reject(rejected: AccessToken, now: number): boolean {
    const { acquirer, emit } = this.#parts;
    const held = this.#held;
    this.#rejected.add(rejected.value);
    if (held && held.value !== rejected.value) return false;
    const storm = held && this.#rejected.findStorm(held, now);
    if (storm === 'onset') emit({ type: 'token_rejected', stormBroken: true });
    if (storm) throw this.#refusal();
    this.#rejected.awaitRenewal(held);
    if (!held) return true;
    this.#held = undefined;
    acquirer.forget(held.fence);
    emit({ type: 'token_rejected', stormBroken: false });
    return true;
  }

  #refusal(): RequestRefusedError {
    return new RequestRefusedError(
      'token_rejected',
      `The API refuses the access token for ${this.#parts.subject} and the one that replaced it, so no other is requested for now. Check that API and token endpoint belong to the same environment and realm.`,
    );
  }

  #refreshInBackground(now: number): void {
    if (!this.#flights.current && now >= this.#parts.acquirer.nextRequestAt) this.#flights.depart('aging');
  }

  async #acquire(flight: Flight<HeldToken>, why: TokenRequestReason, isClear: Promise<void>): Promise<HeldToken> {
    const replaced = this.#held;
    await isClear;
    // A flight that everybody had left may have found a token all the same.
    const found = this.#usableToken();
    if (found && found !== replaced) return found;
    return this.#hold(await this.#parts.acquirer.acquire(this.#order(flight, why)));
  }

  #order(flight: Flight<HeldToken>, why: TokenRequestReason): TokenOrder {
    const { agePolicy } = this.#parts;
    return {
      why,
      signal: flight.abort.signal,
      deadline: () =>
        Math.max(flight.callers.lastDeadline, this.#usableToken()?.usableUntil ?? Number.NEGATIVE_INFINITY),
      stillServing: this.#stillServing,
      need: () => {
        const usable = this.#usableToken();
        const heldMs = usable ? usable.endsAt - this.#clock.monotonic() : 0;
        return {
          knownFence: this.#held ? this.#held.fence : this.#rejected.fence,
          minRemainingMs: Math.max(flight.minValidityMs, heldMs),
          // Judged when the store has answered: it may have taken its time.
          isUseful: ({ value, lifetimeMs, endsAt }) =>
            !this.#rejected.has(value) && this.#clock.monotonic() < endsAt - expiryMarginMs(lifetimeMs, agePolicy),
        };
      },
    };
  }

  #hold(obtained: ObtainedToken): HeldToken {
    const { clock, agePolicy } = this.#parts;
    const now = clock.monotonic();
    const held = holdToken(obtained, agePolicy, clock.now() - now);
    if (this.#closed) return held;
    this.#held = held;
    this.#rejected.take(held, now);
    return held;
  }

  readonly #stillServing = () => this.#usableToken() !== undefined;

  #usableToken(): HeldToken | undefined {
    const held = this.#held;
    return held && this.#clock.monotonic() < held.usableUntil ? held : undefined;
  }

  #stateAt(now: number): ClientStatus['state'] {
    if (this.#closed) return 'closed';
    const held = this.#held;
    if (!held) return 'cold';
    if (now < held.freshUntil) return 'fresh';
    return now < held.usableUntil ? 'aging' : 'spent';
  }
}

/** A fresh token that was short from the start satisfies: the next one would be no longer. */
function isLongEnough(held: HeldToken, minValidityMs: number, now: number): boolean {
  return held.endsAt - now >= minValidityMs || (minValidityMs > held.lifetimeMs && now < held.freshUntil);
}
