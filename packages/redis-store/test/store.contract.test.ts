import { setTimeout } from 'node:timers/promises';
import { type StoreHarness, storeContract } from '@instellix/contracts';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith, type OpenConnection } from './connections.ts';
import { describeWithRedis, RedisServer } from './redis-server.ts';

describeWithRedis('redisTokenStore keeps the store contract', () => {
  let server: RedisServer;
  let prefixes = 0;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(Object.entries(connectWith))('over %s', (_, connect) => {
    const open: OpenConnection[] = [];
    beforeAll(async () => {
      open.push(await connect(server.url), await connect(server.url));
    });
    afterAll(() => {
      for (const { close } of open) close();
    });

    function createHarness(): StoreHarness {
      let handles = 0;
      let keyPrefix = `test ${prefixes++}:`;
      return {
        open: async () => {
          const { connection } = open[handles++ % open.length] as OpenConnection;
          return redisTokenStore(connection, { keyPrefix });
        },
        elapse: async (ms) => setTimeout(ms),
        now: () => performance.now(),
        // Timers fire a little early, and Redis's clock is another than ours.
        toleranceMs: 4,
        stepWallClock: async () => {},
        loseData: async () => {
          keyPrefix = `test ${prefixes++}:`;
        },
      };
    }

    for (const { title, verify } of storeContract) test(title, { timeout: 30_000 }, () => verify(createHarness));
  });
});
