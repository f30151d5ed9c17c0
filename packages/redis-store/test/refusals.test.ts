import { startEmulator } from '@instellix/emulator';
import { expect, test } from 'vitest';
import { describeOnEveryServer } from './every-server.ts';
import { Fleet } from './fleet.ts';

describeOnEveryServer('a host gets its token by itself, and hears that it is not shared, from a server', (start) => {
  test.each<[string, string[]]>([
    ['that is a replica, which cannot be written', ['--replicaof', '127.0.0.1', '1']],
    ['that is full', ['--maxmemory', '1', '--maxmemory-policy', 'noeviction']],
    ['that has scripts turned off', ['--rename-command', 'EVALSHA', '']],
  ])('%s', { timeout: 30_000 }, async (_, settings) => {
    await using emulator = await startEmulator({ throttleWindowMs: 0 });
    await using server = await start(...settings);
    await using fleet = new Fleet(emulator, { minIntervalMs: 300 });
    await fleet.enlist(server.url, 1);
    expect(await fleet.callAll()).toEqual([]);
    expect(fleet.failures()).toMatchObject([{ operation: 'claim', timedOut: false }]);
  });
});
