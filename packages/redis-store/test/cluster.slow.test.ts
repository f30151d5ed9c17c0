import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectToCluster, type OpenConnection } from './connections.ts';
import { describeWithRedis } from './describe-with-redis.ts';
import { RedisCluster } from './redis-cluster.ts';

const request = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
const token = { ciphertext: 'ciphertext', remainingMs: 60_000 };

describeWithRedis('a cluster of three nodes', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
  }, 60_000);
  beforeEach(() => cluster.sendToEach('FLUSHALL'));
  afterAll(() => cluster[Symbol.asyncDispose]());

  /** The number of keys on each node. */
  const sizes = async () => (await cluster.sendToEach('DBSIZE')).map(Number);

  test('stores each credential in one key and thus one slot, also when prefix or credential contain braces', {
    timeout: 30_000,
  }, async () => {
    const { connection, close } = await connectToCluster['node-redis 6'](cluster.urls);
    for (const keyPrefix of ['instellix:', '{tag}:', '{', '}{']) {
      for (const gate of ['gate', '{}', 'a{b}c']) {
        await cluster.sendToEach('FLUSHALL');
        const store = redisTokenStore(connection, { keyPrefix });
        for (const scope of ['one', 'two', 'three']) {
          const key = { gate, token: scope };
          const result = await store.claim(key, { ...request, minIntervalMs: 0 });
          if (result.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(result)}`);
          await store.commit(key, { ...token, fence: result.fence });
          expect(await store.read(key)).toMatchObject({ ciphertext: 'ciphertext', fence: result.fence });
        }
        expect((await sizes()).sort()).toEqual([0, 0, 1]);
      }
    }
    close();
  });

  describe.each(Object.entries(connectToCluster))('over %s', (_, connect) => {
    let open: OpenConnection;
    beforeAll(async () => {
      open = await connect(cluster.urls);
    });
    afterAll(() => open.close());

    test('spreads credentials over all nodes, and loads the script on each node', async () => {
      await cluster.sendToEach('SCRIPT', 'FLUSH');
      const store = redisTokenStore(open.connection);
      const keys = Array.from({ length: 30 }, (_, index) => ({ gate: `gate ${index}`, token: 'token' }));
      const results = await Promise.all(keys.map((key) => store.claim(key, request)));
      expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['granted']));
      const each = await sizes();
      expect(each.reduce((sum, size) => sum + size)).toBe(keys.length);
      expect(Math.min(...each)).toBeGreaterThan(0);
    });

    test('finds a credential after its slot has moved to another node', async () => {
      const store = redisTokenStore(open.connection);
      const key = { gate: 'moving', token: 'token' };
      await store.commit(key, { ...token, fence: 7 });
      await cluster.moveSlotOf('instellix:v1:moving');
      expect(await store.read(key)).toMatchObject({ fence: 7 });
      expect((await store.claim(key, { ...request, knownFence: 7 })).outcome).toBe('wait');
    });
  });
});
