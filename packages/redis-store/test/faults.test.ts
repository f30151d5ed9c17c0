import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterEach, expect, test } from 'vitest';
import { describeWithRedis } from './describe-with-redis.ts';
import { Fleet } from './fleet.ts';
import { RedisServer } from './redis-server.ts';

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

  async function enlist(count: number): Promise<void> {
    fleet = new Fleet(emulator, { minIntervalMs });
    await fleet.enlist(server.url, count);
  }

  const tokenRequests = () => emulator.requests.count({ endpoint: 'token' });

  test('of twelve cold hosts, over all libraries, makes one token request', { timeout: 30_000 }, async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await enlist(12);
    expect(await fleet.callAll()).toEqual([]);
    expect([await tokenRequests(), (await fleet.tokens()).size, fleet.failures().length]).toEqual([1, 1, 0]);
  });

  test('makes at most one token request per lifetime, and is never throttled', { timeout: 30_000 }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 1, throttleWindowMs: minIntervalMs - 50 });
    server = await RedisServer.start();
    await enlist(8);
    const startedAt = Date.now();
    expect(await fleet.callFor(4_000)).toEqual([]);
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

  test('loses nothing but a little time while Redis hangs', { timeout: 30_000 }, async () => {
    emulator = await startEmulator({ tokenTtlSeconds: 300, throttleWindowMs: 0 });
    server = await RedisServer.start();
    await enlist(2);
    server.freeze();
    expect(await fleet.callAll()).toEqual([]);
    expect(fleet.failures()).toEqual(
      expect.arrayContaining([expect.objectContaining({ operation: 'claim', timedOut: true })]),
    );
    server.thaw();
    expect(await fleet.callAll()).toEqual([]);
  });

  test('does not notice a restart of Redis while its token is good', { timeout: 30_000 }, async () => {
    emulator = await startEmulator();
    server = await RedisServer.start();
    await enlist(4);
    await fleet.callAll();
    await server.kill();
    await server.start();
    expect(await fleet.callAll()).toEqual([]);
    expect(await tokenRequests()).toBe(1);
  });

  test('that has lost its data in Redis makes one more token request, not one per host', {
    timeout: 30_000,
  }, async () => {
    emulator = await startEmulator({ throttleWindowMs: 0 });
    server = await RedisServer.start();
    await enlist(6);
    await fleet.callAll();
    await server.kill();
    await server.start();
    await emulator.tokens.revokeAll();
    // All that hold the revoked token come at once, while connections are made again.
    await expect.poll(() => fleet.callAll(), { timeout: 10_000 }).toEqual([]);
    const alone = fleet.hosts.filter(({ events }) => events.some(({ type }) => type === 'store_failed')).length;
    expect(await tokenRequests()).toBeLessThanOrEqual(2 + alone);
  });
});
