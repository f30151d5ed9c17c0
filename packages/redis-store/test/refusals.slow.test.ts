import { startEmulator } from '@instellix/emulator';
import { RedisServer } from '@instellix/testing/servers';
import { expect, test } from 'vitest';
import { describeWithRedis } from './describe-with-redis.ts';
import { Fleet } from './fleet.ts';

describeWithRedis('a host requests its own token, and emits a store_failed event, with a server', () => {
  test.each<[string, string[]]>([
    ['that is a read-only replica', ['--replicaof', '127.0.0.1', '1']],
    ['that is full', ['--maxmemory', '1', '--maxmemory-policy', 'noeviction']],
    ['whose scripts are disabled', ['--rename-command', 'EVALSHA', '']],
  ])('%s', { timeout: 30_000 }, async (_, settings) => {
    await using emulator = await startEmulator({ throttleWindowMs: 0 });
    await using server = await RedisServer.start(...settings);
    await using fleet = new Fleet(emulator, { minIntervalMs: 300 });
    await fleet.add(server.url, 1);
    expect(await fleet.callAll()).toEqual([]);
    expect(fleet.failures()).toMatchObject([{ operation: 'claim', timedOut: false }]);
  });
});
