import type { ClientStatus } from '../client/client-status.ts';
import type { Clock } from '../clock/clock.ts';
import { within } from '../clock/within.ts';
import { ConfigurationError } from '../error/configuration-error.ts';
import { RequestRefusedError } from '../error/request-refused-error.ts';
import type { AccessToken } from './access-token.ts';
import { type AgePolicy, expiryMarginMs, type HeldToken, holdToken, type ObtainedToken } from './held-token.ts';
import { RejectedTokens } from './rejected-tokens.ts';
import type { TokenAcquirer } from './token-acquirer.ts';
import type { TokenEventDetails, TokenRequestReason } from './token-event.ts';
import type { TokenOrder } from './token-order.ts';
import type { GetTokenOptions, TokenSource } from './token-source.ts';
import { WaitingCallers } from './waiting-callers.ts';

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

/** How long a flight that was aborted may take to end. */
const longestEndingMs = 1_000;

/** One acquisition with all its callers. */
interface Flight {
  readonly abort: AbortController;
  readonly callers: WaitingCallers<HeldToken>;
  /** What was held when it departed. */
  readonly replaces: HeldToken | undefined;
  /** The longest validity that one of the callers asks for, milliseconds. */
  minValidityMs: number;
}

/** The states of a client's token (cold, fresh, aging, spent) and what moves it from one to the next. */
export class TokenLifecycle implements TokenSource {
  readonly #parts: TokenLifecycleParts;
  readonly #clock: Clock;
  #held: HeldToken | undefined;
  #flight: Flight | undefined;
  /** Settles when nothing is in the air, not even a flight that everybody has left. */
  #landed: Promise<void> = Promise.resolve();
  readonly #rejected: RejectedTokens;
  #closed: RequestRefusedError | undefined;

  constructor(parts: TokenLifecycleParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    this.#rejected = new RejectedTokens(parts.minIntervalMs);
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
      refreshing: this.#flight !== undefined,
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
      this.#flight?.callers.rejectAll(error);
      this.#flight?.abort.abort(error);
      this.#flight = undefined;
    }
    await this.#ending(this.#landed);
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
      const flight = this.#flight ?? this.#depart(isRenewal ? 'rejected' : held ? 'spent' : 'cold');
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
    if (!this.#flight && now >= this.#parts.acquirer.nextRequestAt) this.#depart('aging');
  }

  #depart(why: TokenRequestReason): Flight {
    const { clock, acquirer } = this.#parts;
    const callers = new WaitingCallers<HeldToken>({
      clock,
      overdueError: () => acquirer.explainWait(),
      onDeserted: () => this.#abandon(flight),
    });
    const flight: Flight = { abort: new AbortController(), callers, replaces: this.#held, minValidityMs: 0 };
    this.#flight = flight;
    this.#landed = this.#fly(flight, why, this.#landed);
    return flight;
  }

  /** Never rejects: what fails here is told to the callers, if there are any. */
  async #fly(flight: Flight, why: TokenRequestReason, previous: Promise<void>): Promise<void> {
    try {
      await this.#ending(previous);
      // A flight that everybody had left may have found a token all the same.
      const found = this.#usableToken();
      const held =
        found && found !== flight.replaces
          ? found
          : this.#hold(await this.#parts.acquirer.acquire(this.#order(flight, why)));
      this.#land(flight);
      flight.callers.resolveAll(held);
    } catch (error) {
      this.#land(flight);
      flight.callers.rejectAll(error);
    }
  }

  /** An aborted flight ends within a few timeouts of the store; in a runtime that drops timers with a request, never. */
  #ending(flight: Promise<void>): Promise<void> {
    return within(
      this.#clock,
      longestEndingMs,
      () => flight,
      () => {},
      [],
    );
  }

  #land(flight: Flight): void {
    if (this.#flight === flight) this.#flight = undefined;
  }

  /** The last caller has left: nobody wants the answer, unless it refreshes a token that is in use. */
  #abandon(flight: Flight): void {
    if (this.#usableToken()) return;
    this.#land(flight);
    flight.abort.abort();
  }

  #order(flight: Flight, why: TokenRequestReason): TokenOrder {
    const { agePolicy } = this.#parts;
    return {
      why,
      signal: flight.abort.signal,
      deadline: () =>
        Math.max(flight.callers.lastDeadline, this.#usableToken()?.usableUntil ?? Number.NEGATIVE_INFINITY),
      stillServing: () => this.#usableToken() !== undefined,
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
