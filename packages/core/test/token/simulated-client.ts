import type { VirtualClock } from '@instellix/testing';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import type { AccessToken } from '../../src/token/access-token.ts';
import type { AgePolicy } from '../../src/token/cached-token.ts';
import { SecretReader } from '../../src/token/secret-reader.ts';
import { TokenCache } from '../../src/token/token-cache.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';
import { TokenFetcher } from '../../src/token/token-fetcher.ts';
import { TokenManager } from '../../src/token/token-manager.ts';
import type { GetTokenOptions } from '../../src/token/token-source.ts';
import type { FaultyTokenStore } from './faulty-token-store.ts';
import { type Instant, instantOf, shift } from './instant.ts';
import { createPlainTokenCipher, readPlainCiphertext } from './plain-token-cipher.ts';
import type { SimulatedTokenEndpoint } from './simulated-token-endpoint.ts';

/** The options of one client; all durations in milliseconds. */
export interface ClientSettings {
  readonly name: string;
  readonly clientId: string;
  readonly minIntervalMs: number;
  readonly maxWaitMs: number;
  readonly timeoutMs: number;
  readonly agePolicy: AgePolicy;
}

/** What a client works with. */
export interface ClientContext {
  readonly clock: VirtualClock;
  readonly endpoint: SimulatedTokenEndpoint;
  readonly store: FaultyTokenStore;
  readonly random: () => number;
  /** What the client's secret function returns now. */
  readonly readSecret: (clientId: string) => Promise<string>;
}

/** A token that the endpoint or the store has returned to a client. */
export interface SeenToken {
  readonly value: string;
  readonly from: 'endpoint' | 'store';
  readonly lifetimeMs: number;
  readonly endsAt: Instant;
}

/** One call of `getToken` and its outcome; `at` and `startedAt` are monotonic milliseconds. */
export interface Call {
  readonly startedAt: number;
  readonly options: GetTokenOptions | undefined;
  readonly abort: AbortController | undefined;
  outcome?: { readonly at: number; readonly when: Instant; readonly token?: AccessToken; readonly error?: unknown };
}

/** A real token manager on a simulated endpoint. Records its calls, its events and the tokens that it receives. */
export class SimulatedClient {
  readonly settings: ClientSettings;
  readonly manager: TokenManager;
  readonly calls: Call[] = [];
  readonly events: TokenEvent[] = [];
  readonly emitter: TokenEventEmitter;
  /** The last of `events` that the fetch of a token has emitted, and when, in monotonic milliseconds. */
  lastFetchEvent: { readonly type?: TokenEvent['type']; readonly at: number } = { at: 0 };
  /** The token that endpoint and store have returned last, whether or not the client uses it. */
  lastSeen: { endpoint?: SeenToken; store?: SeenToken } = {};
  lastSecret: string | undefined;
  readonly #clock: VirtualClock;

  constructor(settings: ClientSettings, { clock, endpoint, store, random, readSecret }: ClientContext) {
    const { name, clientId, minIntervalMs, maxWaitMs, timeoutMs, agePolicy } = settings;
    const subject = 'a simulation';
    this.settings = settings;
    this.#clock = clock;
    this.emitter = new TokenEventEmitter(clock, 'simulated', 'acme');
    this.emitter.subscribe((event) => {
      this.events.push(event);
      const isOfFetch = event.type !== 'token_rejected' && event.type !== 'store_failed';
      if (isOfFetch) this.lastFetchEvent = { type: event.type, at: clock.monotonic() };
    });
    const events = this.emitter;
    const handle = store.open(({ ciphertext, remainingMs }, askedAt) => {
      const content = readPlainCiphertext(ciphertext);
      const endsAt = shift(askedAt, Math.min(remainingMs, content.lifetimeMs));
      this.lastSeen.store = { ...content, from: 'store', endsAt };
    });
    const identity = { tokenUrl: 'https://simulated.test/token', realm: 'acme', clientId, scope: undefined };
    const encrypted = new EncryptedTokenStore(handle, clock, identity, events, createPlainTokenCipher);
    const cache = new TokenCache(clock, agePolicy, minIntervalMs);
    const fetcher = new TokenFetcher({
      clock,
      store: encrypted,
      cache,
      events,
      random,
      timeoutMs,
      minIntervalMs,
      subject,
      secrets: new SecretReader(clock, events, async () => {
        this.lastSecret = await readSecret(clientId);
        return this.lastSecret;
      }),
      endpoint: {
        requestToken: async (secret, limitMs, signal) => {
          const sentAt = instantOf(clock);
          const result = await endpoint.request(name, clientId, secret, limitMs, signal);
          if (result.kind === 'issued') {
            const { value, lifetimeMs } = result;
            this.lastSeen.endpoint = { value, lifetimeMs, from: 'endpoint', endsAt: shift(sentAt, lifetimeMs) };
          }
          return result;
        },
      },
    });
    this.manager = new TokenManager({
      clock,
      callerClock: clock,
      cache,
      fetcher,
      store: encrypted,
      events,
      maxWaitMs,
      subject,
    });
  }

  /** Calls `getToken` and records its outcome; `abort` gives the call a signal. */
  getToken(options?: Omit<GetTokenOptions, 'signal'>, abort?: AbortController): Call {
    const given = abort ? { ...options, signal: abort.signal } : options;
    const call: Call = { startedAt: this.#clock.monotonic(), options: given, abort };
    this.calls.push(call);
    this.manager.getToken(given).then(
      (token) => {
        call.outcome = { at: this.#clock.monotonic(), when: instantOf(this.#clock), token };
      },
      (error: unknown) => {
        call.outcome = { at: this.#clock.monotonic(), when: instantOf(this.#clock), error };
      },
    );
    return call;
  }

  get pending(): readonly Call[] {
    return this.calls.filter(({ outcome }) => !outcome);
  }

  /** Every token that a call has returned, latest first. */
  get returnedTokens(): readonly AccessToken[] {
    return this.calls.flatMap(({ outcome }) => outcome?.token ?? []).reverse();
  }
}
