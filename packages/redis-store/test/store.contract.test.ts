import { storeContract } from '@instellix/contracts';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { connectToCluster, connectWith, type OpenConnection } from './connections.ts';
import { describeWithRedis } from './describe-with-redis.ts';
import { RedisCluster } from './redis-cluster.ts';
import { createRedisHarness } from './redis-harness.ts';
import { RedisServer } from './redis-server.ts';

function verifyContract(connect: () => Promise<OpenConnection>): void {
  const open: OpenConnection[] = [];
  beforeAll(async () => {
    open.push(await connect(), await connect());
  });
  afterAll(() => {
    for (const { close } of open) close();
  });
  for (const { title, verify } of storeContract) {
    test(title, { timeout: 30_000 }, () => verify(() => createRedisHarness(open)));
  }
}

describeWithRedis('redisTokenStore keeps the store contract', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(Object.entries(connectWith))('over %s', (_, connect) => verifyContract(() => connect(server.url)));
});

describeWithRedis('redisTokenStore keeps the store contract in a cluster of three nodes', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  describe.each(Object.entries(connectToCluster))('over %s', (_, connect) =>
    verifyContract(() => connect(cluster.urls)),
  );
});
