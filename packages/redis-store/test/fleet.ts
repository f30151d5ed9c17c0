import { createInstellixClient, type InstellixClient, type TokenEvent } from '@instellix/core';
import type { Emulator } from '@instellix/emulator';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith, type OpenConnection } from './connections.ts';

/** One host of a fleet: a client with its own connection. */
interface Host {
  readonly client: InstellixClient;
  readonly events: TokenEvent[];
  readonly open: OpenConnection;
}

/** The options of the token requests of all hosts. */
interface TokenRequestTimes {
  readonly minIntervalMs: number;
  readonly timeoutMs?: number;
}

/** Hosts that share a token through one Redis and call one emulator. */
export class Fleet implements AsyncDisposable {
  readonly hosts: Host[] = [];
  readonly #emulator: Emulator;
  readonly #tokenRequest: TokenRequestTimes;

  constructor(emulator: Emulator, tokenRequest: TokenRequestTimes) {
    this.#emulator = emulator;
    this.#tokenRequest = tokenRequest;
  }

  /** Adds hosts that connect to Redis at `url`, with each library in turn. */
  async add(url: string, count: number): Promise<void> {
    const libraries = Object.values(connectWith);
    for (let host = 0; host < count; host++) {
      const connect = libraries[host % libraries.length] as (typeof libraries)[number];
      const open = await connect(url);
      const events: TokenEvent[] = [];
      const client = createInstellixClient({
        environment: { apiUrl: this.#emulator.url },
        realm: this.#emulator.realm,
        clientId: this.#emulator.clientId,
        clientSecret: this.#emulator.clientSecret,
        store: redisTokenStore(open.connection),
        tokenRequest: this.#tokenRequest,
        onEvent: (event) => events.push(event),
      });
      this.hosts.push({ client, events, open });
    }
  }

  /** All hosts call the API once, at the same time. Returns the statuses that are not 200, and the errors. */
  async callAll(): Promise<unknown[]> {
    const results = await Promise.allSettled(
      this.hosts.map(async ({ client }) => {
        const response = await client.fetch('/customers');
        await response.body?.cancel();
        return response.status;
      }),
    );
    return results
      .map((result) => (result.status === 'fulfilled' ? result.value : result.reason))
      .filter((it) => it !== 200);
  }

  async callFor(ms: number): Promise<unknown[]> {
    const failed: unknown[] = [];
    for (const end = Date.now() + ms; Date.now() < end; ) {
      failed.push(...(await this.callAll()));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return failed;
  }

  /** The `store_failed` events of all hosts. */
  failures(): TokenEvent[] {
    return this.hosts.flatMap(({ events }) => events.filter(({ type }) => type === 'store_failed'));
  }

  /** The tokens of all hosts. */
  async tokens(): Promise<Set<string>> {
    return new Set(await Promise.all(this.hosts.map(async ({ client }) => (await client.getToken()).value)));
  }

  /** The shortest time between two token requests of the same host. */
  shortestGapOfAHost(): number {
    const gaps = this.hosts.flatMap(({ events }) => {
      const sent = events.filter(({ type }) => type === 'token_requested').map(({ at }) => at);
      return sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    });
    return Math.min(...gaps);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hosts.map(({ client }) => client.close()));
    for (const { open } of this.hosts) open.close();
  }
}
