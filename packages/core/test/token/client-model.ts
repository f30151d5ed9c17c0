import type { TokenEvent } from '../../src/token/token-event.ts';
import type { SeenToken, SimulatedClient } from './simulated-client.ts';

/** A token that the model believes to be held; monotonic milliseconds. */
export interface ModelToken extends SeenToken {
  readonly arrivedAt: number;
  readonly freshUntil: number;
  readonly usableUntil: number;
  readonly isRenewal: boolean;
}

/** What must become of a call, decided before it is made. */
export type Expectation =
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'reason' }
  | { readonly kind: 'open' };

/** What the design says of one client: which token it holds, in which state, and what its callers must get. */
export class ClientModel {
  held: ModelToken | undefined;
  closed = false;
  /** Tokens that the API has refused and that nobody has been given anew. */
  readonly dropped = new Set<string>();
  /** The end of each token that has ever been held, by its value. */
  readonly known = new Map<string, ModelToken>();
  verdict: { readonly secret: string; readonly until: number } | undefined;
  readonly violations: string[] = [];
  stormUntil = Number.NEGATIVE_INFINITY;
  #coolDownMs: number;
  #renewing = false;
  #lastGrant: SeenToken | undefined;
  readonly #client: SimulatedClient;
  readonly #now: () => number;

  constructor(client: SimulatedClient, now: () => number) {
    this.#client = client;
    this.#now = now;
    this.#coolDownMs = client.settings.minIntervalMs;
    client.feed.subscribe((event) => this.#hear(event));
  }

  get state(): 'cold' | 'fresh' | 'aging' | 'spent' | 'closed' {
    if (this.closed) return 'closed';
    if (!this.held) return 'cold';
    if (this.#now() < this.held.freshUntil) return 'fresh';
    return this.#now() < this.held.usableUntil ? 'aging' : 'spent';
  }

  get usable(): ModelToken | undefined {
    return this.state === 'fresh' || this.state === 'aging' ? this.held : undefined;
  }

  /** What a call that is made now must end with at once; `open`: it has to wait. */
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
    const now = this.#now();
    if (held && rejected === held.value) {
      const isStorm =
        now < this.stormUntil || (held.isRenewal && now - held.arrivedAt < this.#client.settings.minIntervalMs);
      return isStorm ? { kind: 'code', code: 'token_rejected' } : { kind: 'open' };
    }
    if (!held && rejected !== undefined) this.#renewing = true;
    const usable = this.usable;
    if (!usable || !isLongEnough(usable, minValidityMs, now)) return { kind: 'open' };
    return { kind: 'token', value: usable.value };
  }

  #hear(event: TokenEvent): void {
    if (event.type === 'token_obtained') this.#obtain(this.#client.lastSeen[event.from]);
    if (event.type === 'token_requested') this.#judgeRequest(this.#client.lastSecret);
    if (event.type === 'token_rejected') this.#reject(event.stormBroken);
    if (event.type === 'token_request_failed') this.#noteLateGrant();
    if (event.type === 'token_request_failed' && event.code === 'credentials_rejected') {
      this.verdict = { secret: this.#client.lastSecret ?? '', until: this.#now() + this.#coolDownMs };
      this.#coolDownMs = Math.min(this.#coolDownMs * 2, 60_000);
    }
  }

  /** A token that is dead on arrival counts as a failure, but shows that the credentials are good. */
  #noteLateGrant(): void {
    const { endpoint } = this.#client.lastSeen;
    if (endpoint === this.#lastGrant) return;
    this.#lastGrant = endpoint;
    this.verdict = undefined;
    this.#coolDownMs = this.#client.settings.minIntervalMs;
  }

  #judgeRequest(secret: string | undefined): void {
    if (this.closed) this.violations.push('a token is requested after close');
    if (this.verdict?.secret === secret && this.verdict && this.#now() < this.verdict.until - 1e-6) {
      this.violations.push('a secret is tried during its cool-down');
    }
    if (this.verdict?.secret === secret) return;
    this.verdict = undefined;
    this.#coolDownMs = this.#client.settings.minIntervalMs;
  }

  #reject(stormBroken: boolean): void {
    if (!this.held) {
      this.violations.push('a rejection is reported although no token is held');
      return;
    }
    if (stormBroken) {
      this.stormUntil = this.#now() + this.#client.settings.minIntervalMs;
      return;
    }
    this.dropped.add(this.held.value);
    this.held = undefined;
    this.#renewing = true;
  }

  #obtain(seen: SeenToken | undefined): void {
    if (!seen) {
      this.violations.push('a token is reported that nobody has handed out');
      return;
    }
    this.verdict = undefined;
    this.#coolDownMs = this.#client.settings.minIntervalMs;
    if (this.closed) return;
    const { refreshAtFraction, expiryMarginMs } = this.#client.settings.agePolicy;
    const { lifetimeMs, endsAt } = seen;
    const marginMs = Math.min(expiryMarginMs ?? Math.min(10_000, lifetimeMs / 10), lifetimeMs / 2);
    const usableUntil = endsAt - marginMs;
    const freshUntil = Math.min(endsAt - lifetimeMs + lifetimeMs * refreshAtFraction, usableUntil);
    this.held = { ...seen, arrivedAt: this.#now(), freshUntil, usableUntil, isRenewal: this.#renewing };
    this.#renewing = false;
    if (seen.from === 'endpoint') this.dropped.delete(seen.value);
    this.known.set(seen.value, this.held);
  }
}

/** A token that was short from the start is long enough while it is fresh: the next one would be no longer. */
export function isLongEnough(token: ModelToken, minValidityMs: number, now: number): boolean {
  return token.endsAt - now >= minValidityMs || (minValidityMs > token.lifetimeMs && now < token.freshUntil);
}
