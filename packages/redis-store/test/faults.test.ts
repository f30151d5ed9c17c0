import { createInstellixClient, type InstellixClient, type TokenEvent } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith, type OpenConnection } from './connections.ts';
import { describeWithRedis, RedisServer } from './redis-server.ts';

const minIntervalMs = 300;

/** One host of a fleet: a client with a connection of its own. */
interface Host {
  readonly client: InstellixClient;
  readonly events: TokenEvent[];
}

describeWithRedis('a fleet', () => {
  let emulator: Emulator;
  let server: RedisServer;
  let hosts: Host[];
  let connections: OpenConnection[];

  beforeEach(() => {
    hosts = [];
    connections = [];
  });
  afterEach(async () => {
    server.thaw();
    await Promise.all(hosts.map(({ client }) => client.close()));
    for (const { close } of connections) close();
    await server[Symbol.asyncDispose]();
    await emulator.close();
  });

  async function enlist(count: number): Promise<void> {
    const libraries = Object.values(connectWith);
    for (let host = 0; host < count; host++) {
      const connect = libraries[host % libraries.length] as (typeof libraries)[number];
      const open = await connect(server.url);
      connections.push(open);
      const events: TokenEvent[] = [];
      const client = createInstellixClient({
        environment: { apiUrl: emulator.url },
        realm: emulator.realm,
        clientId: emulator.clientId,
        clientSecret: emulator.clientSecret,
        store: redisTokenStore(open.connection),
        tokenRequest: { minIntervalMs },
        onEvent: (event) => events.push(event),
      });
      hosts.push({ client, events });
    }
  }

  /** All hosts call once, at the same time; the statuses that are not 200, and what was thrown. */
  async function callAll(): Promise<unknown[]> {
    const answers = await Promise.allSettled(
      hosts.map(async ({ client }) => {
        const response = await client.fetch('/customers');
        await response.body?.cancel();
        return response.status;
      }),
    );
    return answers
      .map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason))
      .filter((it) => it !== 200);
  }

  async function callFor(ms: number): Promise<unknown[]> {
    const failed: unknown[] = [];
    for (const end = Date.now() + ms; Date.now() < end; ) {
      failed.push(...(await callAll()));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return failed;
  }

  const tokenRequests = () => emulator.requests.count({ endpoint: 'token' });
  const failures = () => new Set(hosts.flatMap(({ events }) => events.filter(({ type }) => type === 'store_failed')));
  /** What each host has now, as far as it has told. */
  const tokens = async () =>
    new Set(await Promise.all(hosts.map(async ({ client }) => (await client.getToken()).value)));

  /** The moments between two token requests of the same host. */
  const shortestGapOfAHost = () =>
    Math.min(
      ...hosts.flatMap(({ events }) => {
        const sent = events.filter(({ type }) => type === 'token_requested').map(({ at }) => at);
        return sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
      }),
    );

  test('of twelve cold hosts, over all libraries, makes one token request', { timeout: 30_000 }, async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await enlist(12);
    expect(await callAll()).toEqual([]);
    expect([await tokenRequests(), (await tokens()).size, failures().size]).toEqual([1, 1, 0]);
  });

  test('makes at most one token request per lifetime, and is never throttled', { timeout: 30_000 }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 1, throttleWindowMs: minIntervalMs - 50 });
    server = await RedisServer.start();
    await enlist(8);
    const startedAt = Date.now();
    expect(await callFor(4_000)).toEqual([]);
    expect(await emulator.requests.count({ reason: 'throttled' })).toBe(0);
    expect(await tokenRequests()).toBeLessThanOrEqual((Date.now() - startedAt) / 750 + 2);
    expect(await tokenRequests()).toBeGreaterThan(2);
  });

  test('goes on while Redis is gone, each host with its own gate, and is of one mind again when it is back', {
    timeout: 60_000,
  }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 2, throttleWindowMs: 0 });
    server = await RedisServer.start();
    await enlist(4);
    expect(await callAll()).toEqual([]);
    await server.kill();
    expect(await callFor(3_000)).toEqual([]);
    expect((await tokens()).size).toBeGreaterThan(1);
    expect(shortestGapOfAHost()).toBeGreaterThanOrEqual(minIntervalMs);
    await server.start();
    await expect.poll(async () => [await callAll(), (await tokens()).size], { timeout: 20_000 }).toEqual([[], 1]);
  });

  test('loses nothing but a little time while Redis hangs', { timeout: 30_000 }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 300, throttleWindowMs: 0 });
    server = await RedisServer.start();
    await enlist(2);
    server.freeze();
    expect(await callAll()).toEqual([]);
    expect([...failures()]).toEqual(
      expect.arrayContaining([expect.objectContaining({ operation: 'claim', timedOut: true })]),
    );
    server.thaw();
    expect(await callAll()).toEqual([]);
  });

  test('does not notice a restart of Redis while its token is good', { timeout: 30_000 }, async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await enlist(4);
    await callAll();
    await server.kill();
    await server.start();
    expect(await callAll()).toEqual([]);
    expect(await tokenRequests()).toBe(1);
  });

  test('that has lost its data in Redis makes one more token request, not one per host', {
    timeout: 30_000,
  }, async () => {
    emulator = await startEmulator({ throttleWindowMs: 0 });
    server = await RedisServer.start();
    await enlist(6);
    await callAll();
    await server.kill();
    await server.start();
    await emulator.tokens.revokeAll();
    // All that hold the revoked token come at once, while connections are made again.
    await expect.poll(callAll, { timeout: 10_000 }).toEqual([]);
    const alone = hosts.filter(({ events }) => events.some(({ type }) => type === 'store_failed')).length;
    expect(await tokenRequests()).toBeLessThanOrEqual(2 + alone);
  });

  describe('gets its tokens, host by host, and hears that they are not shared', () => {
    test.each<[string, string[]]>([
      ['from a replica, which cannot be written', ['--replicaof', '127.0.0.1 1']],
      ['from a Redis that is full', ['--maxmemory', '1', '--maxmemory-policy', 'noeviction']],
      ['from a Redis that has scripts turned off', ['--rename-command', 'EVALSHA', '']],
    ])('%s', { timeout: 30_000 }, async (_, settings) => {
      emulator = await startEmulator({ throttleWindowMs: 0 });
      server = await RedisServer.start(...settings);
      const connect = connectWith['node-redis 6'];
      const open = await connect(server.url);
      connections.push(open);
      const events: TokenEvent[] = [];
      const client = createInstellixClient({
        environment: { apiUrl: emulator.url },
        realm: emulator.realm,
        clientId: emulator.clientId,
        clientSecret: emulator.clientSecret,
        store: redisTokenStore(open.connection),
        onEvent: (event) => events.push(event),
      });
      hosts.push({ client, events });
      expect(await callAll()).toEqual([]);
      expect([...failures()]).toMatchObject([{ operation: 'claim', timedOut: false }]);
    });
  });
});
