import type { TokenEvent } from '../../src/token/token-event.ts';
import { elapsedMs, type Instant, shift } from './instant.ts';
import type { SeenToken, SimulatedClient } from './simulated-client.ts';

/** A token that the client must hold, according to the model. */
export interface ModelToken extends SeenToken {
  readonly arrived: Instant;
  readonly refreshAt: Instant;
  readonly usableUntil: Instant;
  /** It replaced a token that the API had refused. */
  readonly isRefreshed: boolean;
}

/** The outcome that a call must have, computed before it is made. */
export type Expectation =
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'reason' }
  | { readonly kind: 'open' };

const maxSuspensionMs = 60_000;

/** A model of one client by the rules of the design: the held token, its state, and the outcome of calls. */
export class ClientModel {
  held: ModelToken | undefined;
  closed = false;
  /** Tokens that the API has refused and the endpoint has not issued again. */
  readonly dropped = new Set<string>();
  /** Every token that has ever been held, by its value. */
  readonly known = new Map<string, ModelToken>();
  rejectedSecret: { readonly secret: string; readonly until: Instant } | undefined;
  readonly violations: string[] = [];
  #suspendedUntil: Instant | undefined;
  #suspensionMs: number;
  /** How many refreshed tokens in a row were refused within one window. */
  #seriesLength = 0;
  /** Tokens whose refusal has been counted. */
  readonly #refused = new Set<string>();
  #coolDownMs: number;
  #isRefreshing = false;
  #lastIssued: SeenToken | undefined;
  readonly #client: SimulatedClient;
  readonly #now: () => Instant;

  constructor(client: SimulatedClient, now: () => Instant) {
    this.#client = client;
    this.#now = now;
    this.#coolDownMs = client.settings.minIntervalMs;
    this.#suspensionMs = client.settings.minIntervalMs;
    client.emitter.subscribe((event) => this.#handle(event));
  }

  get state(): 'missing' | 'fresh' | 'stale' | 'expired' | 'closed' {
    if (this.closed) return 'closed';
    if (!this.held) return 'missing';
    if (!this.#hasPassed(this.held.refreshAt)) return 'fresh';
    return this.#hasPassed(this.held.usableUntil) ? 'expired' : 'stale';
  }

  get usable(): ModelToken | undefined {
    return this.state === 'fresh' || this.state === 'stale' ? this.held : undefined;
  }

  /** The outcome that a call must have at once when it is made now; `open` when it has to wait. */
  expect({
    aborted,
    minValidityMs,
    rejected,
  }: {
    aborted: boolean;
    minValidityMs: number;
    rejected?: string;
  }): Expectation {
    if (aborted) return { kind: 'reason' };
    if (this.closed) return { kind: 'code', code: 'client_closed' };
    const { held } = this;
    if (held && rejected === held.value) {
      if (this.#isSuspended) this.#refused.add(held.value);
      return this.#isSuspended || this.#completesLoop(held)
        ? { kind: 'code', code: 'token_rejected' }
        : { kind: 'open' };
    }
    if (rejected !== undefined) this.#refused.add(rejected);
    if (!held && rejected !== undefined) this.#isRefreshing = true;
    const { usable } = this;
    if (!usable || !isLongEnough(usable, minValidityMs, this.#now())) return { kind: 'open' };
    return { kind: 'token', value: usable.value };
  }

  get #isSuspended(): boolean {
    return this.#suspendedUntil !== undefined && !this.#hasPassed(this.#suspendedUntil);
  }

  #hasPassed(moment: Instant): boolean {
    return elapsedMs(moment, this.#now()) >= 0;
  }

  /** Whether a refusal of the held token continues a series of refreshed tokens that the API refuses. */
  #continuesSeries(held: ModelToken): boolean {
    const isYoung = elapsedMs(held.arrived, this.#now()) < this.#client.settings.minIntervalMs;
    return isYoung && held.isRefreshed;
  }

  #completesLoop(held: ModelToken): boolean {
    return !this.#refused.has(held.value) && this.#continuesSeries(held) && this.#seriesLength + 1 >= 2;
  }

  #handle(event: TokenEvent): void {
    if (event.type === 'token_obtained') this.#obtain(this.#client.lastSeen[event.from]);
    if (event.type === 'token_requested') this.#checkRequest(this.#client.lastSecret);
    if (event.type === 'token_rejected') this.#reject(event.refreshSuspended);
    if (event.type === 'token_request_failed') this.#noteLateToken();
    if (event.type === 'token_request_failed' && event.code === 'credentials_rejected') {
      this.rejectedSecret = { secret: this.#client.lastSecret ?? '', until: shift(this.#now(), this.#coolDownMs) };
      this.#coolDownMs = Math.min(this.#coolDownMs * 2, 60_000);
    }
  }

  /** A token that has expired on arrival counts as a failure, but proves that the credentials are valid. */
  #noteLateToken(): void {
    const { endpoint } = this.#client.lastSeen;
    if (endpoint === this.#lastIssued) return;
    this.#lastIssued = endpoint;
    this.#acceptSecret();
  }

  #acceptSecret(): void {
    this.rejectedSecret = undefined;
    this.#coolDownMs = this.#client.settings.minIntervalMs;
  }

  #checkRequest(secret: string | undefined): void {
    if (this.closed) this.violations.push('a token is requested after close');
    const { rejectedSecret } = this;
    if (rejectedSecret?.secret !== secret) this.#acceptSecret();
    else if (rejectedSecret && elapsedMs(rejectedSecret.until, this.#now()) < -1e-6) {
      this.violations.push('a secret is used during its cool-down');
    }
  }

  #reject(refreshSuspended: boolean): void {
    const { held } = this;
    if (!held) {
      this.violations.push('a rejection is reported although no token is held');
      return;
    }
    if (!this.#refused.has(held.value)) {
      if (this.#continuesSeries(held)) this.#seriesLength++;
      else {
        this.#seriesLength = 0;
        this.#suspensionMs = this.#client.settings.minIntervalMs;
      }
    }
    this.#refused.add(held.value);
    if (refreshSuspended) {
      this.#suspendedUntil = shift(this.#now(), this.#suspensionMs);
      this.#suspensionMs = Math.min(this.#suspensionMs * 2, maxSuspensionMs);
      return;
    }
    this.dropped.add(held.value);
    this.held = undefined;
    this.#isRefreshing = true;
  }

  #obtain(seen: SeenToken | undefined): void {
    if (!seen) {
      this.violations.push('a token is reported that neither endpoint nor store has returned');
      return;
    }
    this.#acceptSecret();
    if (this.closed) return;
    const { refreshAtFraction, expiryMarginMs } = this.#client.settings.agePolicy;
    const { lifetimeMs, endsAt } = seen;
    const marginMs = Math.min(expiryMarginMs ?? Math.min(10_000, lifetimeMs / 10), lifetimeMs / 2);
    const refreshAfterMs = Math.min(lifetimeMs * refreshAtFraction, lifetimeMs - marginMs);
    this.held = {
      ...seen,
      arrived: this.#now(),
      refreshAt: shift(shift(endsAt, -lifetimeMs), refreshAfterMs),
      usableUntil: shift(endsAt, -marginMs),
      isRefreshed: this.#isRefreshing,
    };
    if (!this.#isRefreshing) {
      this.#seriesLength = 0;
      this.#suspensionMs = this.#client.settings.minIntervalMs;
    }
    this.#isRefreshing = false;
    if (seen.from === 'endpoint') {
      this.dropped.delete(seen.value);
      this.#refused.delete(seen.value);
    }
    this.known.set(seen.value, this.held);
  }
}

/** A token that was short from the start is long enough while it is fresh: the next one would be no longer. */
export function isLongEnough(token: ModelToken, minValidityMs: number, now: Instant): boolean {
  const leftMs = -elapsedMs(token.endsAt, now);
  return leftMs >= minValidityMs || (minValidityMs > token.lifetimeMs && elapsedMs(token.refreshAt, now) < 0);
}
