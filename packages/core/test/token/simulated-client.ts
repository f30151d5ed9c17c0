import type { VirtualClock } from '@instellix/testing';
import { TokenVault } from '../../src/store/token-vault.ts';
import type { AccessToken } from '../../src/token/access-token.ts';
import type { AgePolicy } from '../../src/token/held-token.ts';
import { TokenAcquirer } from '../../src/token/token-acquirer.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventFeed } from '../../src/token/token-event-feed.ts';
import { TokenLifecycle } from '../../src/token/token-lifecycle.ts';
import type { GetTokenOptions } from '../../src/token/token-source.ts';
import type { FaultyTokenStore } from './faulty-token-store.ts';
import { createPlainTokenSeal, readPlainSeal } from './plain-token-seal.ts';
import type { SimulatedTokenEndpoint } from './simulated-token-endpoint.ts';

/** What one client is told; all durations milliseconds. */
export interface ClientSettings {
  readonly name: string;
  readonly clientId: string;
  readonly minIntervalMs: number;
  readonly maxWaitMs: number;
  readonly timeoutMs: number;
  readonly agePolicy: AgePolicy;
}

/** What a client lives in. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly endpoint: SimulatedTokenEndpoint;
  readonly store: FaultyTokenStore;
  readonly random: () => number;
  /** What the client's secret function answers now. */
  readonly readSecret: (clientId: string) => Promise<string>;
}

/** A token on its way into a client, as a bystander sees it; times are monotonic milliseconds. */
export interface SeenToken {
  readonly value: string;
  readonly from: 'endpoint' | 'store';
  readonly lifetimeMs: number;
  readonly endsAt: number;
}

/** One call of `getToken` and what has become of it; times are monotonic milliseconds. */
export interface Call {
  readonly startedAt: number;
  readonly options: GetTokenOptions | undefined;
  readonly abort: AbortController | undefined;
  outcome?: { readonly at: number; readonly token?: AccessToken; readonly error?: unknown };
}

/** A real lifecycle on a simulated endpoint, with everything that enters and leaves it on record. */
export class SimulatedClient {
  readonly settings: ClientSettings;
  readonly lifecycle: TokenLifecycle;
  readonly calls: Call[] = [];
  readonly events: TokenEvent[] = [];
  readonly feed: TokenEventFeed;
  /** The token that came from the endpoint or the store last, whether or not the client has taken it. */
  lastSeen: { endpoint?: SeenToken; store?: SeenToken } = {};
  lastSecret: string | undefined;
  readonly #clock: VirtualClock;

  constructor(settings: ClientSettings, { clock, endpoint, store, random, readSecret }: Surroundings) {
    const { name, clientId, minIntervalMs, maxWaitMs, timeoutMs, agePolicy } = settings;
    this.settings = settings;
    this.#clock = clock;
    this.feed = new TokenEventFeed(clock, 'simulated', 'acme');
    this.feed.subscribe((event) => this.events.push(event));
    const emit = this.feed.emit.bind(this.feed);
    const handle = store.open(({ sealed, remainingMs }, askedAt) => {
      this.lastSeen.store = { ...readPlainSeal(sealed), from: 'store', endsAt: askedAt + remainingMs };
    });
    const identity = { tokenUrl: 'https://simulated.test/token', realm: 'acme', clientId, scope: undefined };
    const onFailure = (operation: string, timedOut: boolean) => emit({ type: 'store_failed', operation, timedOut });
    const vault = new TokenVault(handle, clock, identity, onFailure, createPlainTokenSeal);
    const acquirer = new TokenAcquirer({
      clock,
      vault,
      emit,
      random,
      timeoutMs,
      minIntervalMs,
      subject: 'a simulation',
      readSecret: async () => {
        this.lastSecret = await readSecret(clientId);
        return this.lastSecret;
      },
      requestToken: async (secret, limitMs, signal) => {
        const sentAt = clock.monotonic();
        const answer = await endpoint.request(name, clientId, secret, limitMs, signal);
        if (answer.kind === 'granted') {
          const { value, lifetimeMs } = answer;
          this.lastSeen.endpoint = { value, lifetimeMs, from: 'endpoint', endsAt: sentAt + lifetimeMs };
        }
        return answer;
      },
    });
    this.lifecycle = new TokenLifecycle({
      clock,
      acquirer,
      emit,
      agePolicy,
      maxWaitMs,
      minIntervalMs,
      subject: 'a simulation',
    });
  }

  /** Calls `getToken` and puts on record what becomes of it; `abort` makes the call one with a signal. */
  getToken(options?: Omit<GetTokenOptions, 'signal'>, abort?: AbortController): Call {
    const given = abort ? { ...options, signal: abort.signal } : options;
    const call: Call = { startedAt: this.#clock.monotonic(), options: given, abort };
    this.calls.push(call);
    this.lifecycle.getToken(given).then(
      (token) => {
        call.outcome = { at: this.#clock.monotonic(), token };
      },
      (error: unknown) => {
        call.outcome = { at: this.#clock.monotonic(), error };
      },
    );
    return call;
  }

  get pending(): readonly Call[] {
    return this.calls.filter(({ outcome }) => !outcome);
  }

  /** Every token that was handed out, latest first. */
  get handedOut(): readonly AccessToken[] {
    return this.calls.flatMap(({ outcome }) => outcome?.token ?? []).reverse();
  }
}
