import { afterAll, beforeAll, describe } from 'vitest';
import { connectToCluster, connectWith } from './connections.ts';
import { describeWithRedis } from './describe-with-redis.ts';
import { RedisCluster } from './redis-cluster.ts';
import { RedisServer } from './redis-server.ts';
import { verifyContract } from './verify-contract.ts';

describeWithRedis('redisTokenStore keeps the store contract', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(Object.entries(connectWith))('over %s', (_, connect) => {
    verifyContract(() => Promise.all([connect(server.url), connect(server.url)]));
  });
});

describeWithRedis('redisTokenStore keeps the store contract in a cluster of three nodes', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  describe.each(Object.entries(connectToCluster))('over %s', (_, connect) => {
    verifyContract(() => Promise.all([connect(cluster.urls), connect(cluster.urls)]));
  });
});
