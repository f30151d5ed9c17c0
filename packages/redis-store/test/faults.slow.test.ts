import { type Emulator, startEmulator } from '@instellix/emulator';
import { RedisServer } from '@instellix/testing/servers';
import { afterEach, expect, test } from 'vitest';
import { describeWithRedis } from './describe-with-redis.ts';
import { Fleet } from './fleet.ts';

const minIntervalMs = 300;

describeWithRedis('a fleet', () => {
  let emulator: Emulator;
  let server: RedisServer;
  let fleet: Fleet;

  afterEach(async () => {
    server.thaw();
    await fleet[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await emulator.close();
  });

  async function addHosts(count: number): Promise<void> {
    fleet = new Fleet(emulator, { minIntervalMs });
    await fleet.add(server.url, count);
  }

  const tokenRequests = () => emulator.requests.count({ endpoint: 'token' });

  test('of twelve hosts without a token makes one token request', async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await addHosts(12);
    expect(await fleet.callAll()).toEqual([]);
    expect([await tokenRequests(), (await fleet.tokens()).size, fleet.failures().length]).toEqual([1, 1, 0]);
  });

  test('makes at most one token request per lifetime, and is never throttled', async () => {
    // A busy machine delays requests by different times.
    emulator = await startEmulator({ tokenTtlSeconds: 1, throttleWindowMs: minIntervalMs - 200 });
    server = await RedisServer.start();
    await addHosts(8);
    const startedAt = Date.now();
    expect(await fleet.callFor(4_000)).toEqual([]);
    expect(await emulator.requests.count({ reason: 'throttled' })).toBe(0);
    expect(await tokenRequests()).toBeLessThanOrEqual((Date.now() - startedAt) / 750 + 2);
    expect(await tokenRequests()).toBeGreaterThan(2);
  });

  test('works while Redis is down, each host with its own gate, and shares one token again afterwards', {
    timeout: 60_000,
  }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 2, throttleWindowMs: 0 });
    server = await RedisServer.start();
    await addHosts(4);
    expect(await fleet.callAll()).toEqual([]);
    await server.kill();
    expect(await fleet.callFor(3_000)).toEqual([]);
    expect((await fleet.tokens()).size).toBeGreaterThan(1);
    expect(fleet.shortestGapOfAHost()).toBeGreaterThanOrEqual(minIntervalMs);
    await server.start();
    await expect
      .poll(async () => [await fleet.callAll(), (await fleet.tokens()).size], { timeout: 20_000 })
      .toEqual([[], 1]);
  });

  test('works while Redis hangs', async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 300, throttleWindowMs: 0 });
    server = await RedisServer.start();
    await addHosts(2);
    server.freeze();
    expect(await fleet.callAll()).toEqual([]);
    expect(fleet.failures()).toEqual(
      expect.arrayContaining([expect.objectContaining({ operation: 'claim', timedOut: true })]),
    );
    server.thaw();
    expect(await fleet.callAll()).toEqual([]);
  });

  test('needs no token request after a restart of Redis while its token is fresh', async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await addHosts(4);
    await fleet.callAll();
    await server.kill();
    await server.start();
    expect(await fleet.callAll()).toEqual([]);
    expect(await tokenRequests()).toBe(1);
  });

  test('makes one more token request after Redis has lost its data, not one per host', {
    timeout: 30_000,
  }, async () => {
    emulator = await startEmulator({ throttleWindowMs: 0 });
    server = await RedisServer.start();
    await addHosts(6);
    await fleet.callAll();
    await server.kill();
    await server.start();
    await emulator.tokens.revokeAll();
    // All hosts replace the revoked token at the same time, while they reconnect.
    await expect.poll(() => fleet.callAll(), { timeout: 10_000 }).toEqual([]);
    const alone = fleet.hosts.filter(({ events }) => events.some(({ type }) => type === 'store_failed')).length;
    expect(await tokenRequests()).toBeLessThanOrEqual(2 + alone);
  });
});
