import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import type { InstellixError } from '../../src/error/instellix-error.ts';
import { FaultyTokenStore } from './faulty-token-store.ts';
import { type Call, type ClientSettings, SimulatedClient } from './simulated-client.ts';
import { SimulatedTokenEndpoint, type Treatment } from './simulated-token-endpoint.ts';

/** One simulated client, its endpoint and its store on a virtual clock; all durations in milliseconds. */
export class LifecycleFixture {
  readonly clock = new VirtualClock();
  readonly endpoint = new SimulatedTokenEndpoint(this.clock);
  readonly store = new FaultyTokenStore(this.clock);
  readonly client: SimulatedClient;
  /** The secret function of all clients. */
  readSecret: () => Promise<string> = async () => 'secret';
  random = 0.5;
  readonly #settings: Partial<ClientSettings>;

  constructor(settings: Partial<ClientSettings> = {}) {
    this.#settings = settings;
    this.endpoint.secrets.set('client', new Set(['secret']));
    this.client = this.openClient();
  }

  /** Another client of the same credential and store. */
  openClient(settings: Partial<ClientSettings> = {}): SimulatedClient {
    return new SimulatedClient(
      {
        name: `client ${Math.random()}`,
        clientId: 'client',
        minIntervalMs: 5_500,
        maxWaitMs: 30_000,
        timeoutMs: 10_000,
        agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: undefined },
        ...this.#settings,
        ...settings,
      },
      {
        clock: this.clock,
        endpoint: this.endpoint,
        store: this.store,
        random: () => this.random,
        readSecret: () => this.readSecret(),
      },
    );
  }

  treat(treatment: Treatment): void {
    this.endpoint.treatment = treatment;
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
  }

  async settle(): Promise<void> {
    await settleMicrotasks();
  }

  /** Advances the clock until a call has settled; returns the value of its token or the code of its error. */
  async finish(call: Call): Promise<string> {
    await settleMicrotasks();
    while (!call.outcome && this.clock.nextWakeMs !== undefined) await this.clock.advance(this.clock.nextWakeMs);
    return outcomeOf(call);
  }

  /** Fetches a first token. */
  async fetchFirstToken(lifetimeMs = 300_000, client = this.client): Promise<string> {
    this.treat({ kind: 'judge', lifetimeMs });
    return this.finish(client.getToken());
  }

  /** When each token request was sent. */
  get sentAt(): readonly number[] {
    return this.endpoint.log.map(({ sentAt }) => sentAt);
  }
}

/** The value of its token, the code or message of its error, or `pending`. */
export function outcomeOf({ outcome }: Call): string {
  if (!outcome) return 'pending';
  const { code, message } = (outcome.error ?? {}) as Partial<InstellixError>;
  return outcome.token?.value ?? code ?? message ?? String(outcome.error);
}
