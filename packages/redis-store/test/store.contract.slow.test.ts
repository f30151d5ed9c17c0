import { afterAll, beforeAll, describe } from 'vitest';
import { connectToCluster, connectWith } from './connections.ts';
import { describeWithRedis } from './describe-with-redis.ts';
import { describeOnEachServer, type TestServer } from './each-server.ts';
import { RedisCluster } from './redis-cluster.ts';
import { verifyContract } from './verify-contract.ts';

describeOnEachServer('redisTokenStore keeps the store contract', (start) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(Object.entries(connectWith))('over %s', (_, connect) => {
    verifyContract(() => Promise.all([connect(server.url), connect(server.url)]));
  });
});

const newest = Object.entries(connectToCluster).filter(([library]) => library.endsWith(' 6'));

describeWithRedis('redisTokenStore keeps the store contract in a cluster of three nodes', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  describe.each(newest)('over %s', (_, connect) => {
    verifyContract(() => Promise.all([connect(cluster.urls), connect(cluster.urls)]));
  });
});
