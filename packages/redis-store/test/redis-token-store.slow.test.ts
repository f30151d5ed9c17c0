import { ConfigurationError } from '@instellix/core';
import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis';
import { Redis as Ioredis5, Cluster as IoredisCluster5 } from 'ioredis-5';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import {
  createClient as createClient5,
  createClientPool as createClientPool5,
  createCluster as createCluster5,
  createSentinel as createSentinel5,
} from 'redis-5';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gateScript } from '../src/gate-script.ts';
import type { RedisConnection } from '../src/redis-connection.ts';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith } from './connections.ts';
import { describeOnEachServer, type TestServer } from './each-server.ts';

const key = { gate: 'gate', token: 'token' };
const name = 'instellix:v1:gate';
const request = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
const token = { ciphertext: 'ciphertext', remainingMs: 60_000 };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('redisTokenStore refuses immediately', () => {
  const run = async () => ['none'];
  const connection = { evalSha: run, eval: run, on: () => {} };

  test.each<[string, unknown, unknown]>([
    ['no connection', undefined, {}],
    ['a URL', 'redis://127.0.0.1', {}],
    ['an object without scripts', { get: async () => null, on: () => {} }, {}],
    ['a REST client, such as @upstash/redis', { eval: run, evalsha: run, multi: () => {} }, {}],
    ['a REST client with the names of node-redis', { eval: run, evalSha: run }, {}],
    ['a client of node-redis 3, which has callbacks', { eval: () => true, evalsha: () => true, on: () => {} }, {}],
    ['the callback API of a client', createClient().legacy(), {}],
    ['a transaction of node-redis', createClient().multi(), {}],
    ['a pipeline of ioredis', new Ioredis({ lazyConnect: true }).pipeline(), {}],
    ['a promise of a connection', Promise.resolve(connection), {}],
    ['a misspelt option', connection, { prefix: 'a' }],
    ['an empty prefix', connection, { keyPrefix: '' }],
    ['a number as the prefix', connection, { keyPrefix: 5 }],
    ['null as options', connection, null],
    ['a string as options', connection, 'a:'],
  ])('%s', (_, given, options) => {
    expect(() => redisTokenStore(given as never, options as never)).toThrow(ConfigurationError);
  });

  test('several problems with one error', () => {
    const error = expect.objectContaining({ problems: Array(3).fill(expect.any(String)) });
    expect(() => redisTokenStore({} as never, { keyPrefix: 5, other: 1 } as never)).toThrow(error);
  });
});

describe('redisTokenStore accepts', () => {
  const rootNodes = [{ url: 'redis://127.0.0.1:1' }];
  const sentinelRootNodes = [{ host: '127.0.0.1', port: 1 }];
  test.each<[string, () => RedisConnection]>([
    ['a client of node-redis 6', () => createClient()],
    ['a pool of node-redis 6', () => createClientPool()],
    ['a cluster of node-redis 6', () => createCluster({ rootNodes })],
    ['a sentinel of node-redis 6', () => createSentinel({ name: 'main', sentinelRootNodes })],
    ['a client of node-redis 5', () => createClient5()],
    ['a pool of node-redis 5', () => createClientPool5()],
    ['a cluster of node-redis 5', () => createCluster5({ rootNodes })],
    ['a sentinel of node-redis 5', () => createSentinel5({ name: 'main', sentinelRootNodes })],
    ['a client of ioredis 6', () => new Ioredis({ lazyConnect: true })],
    ['a cluster of ioredis 6', () => new IoredisCluster(['redis://127.0.0.1:1'], { lazyConnect: true })],
    ['a client of ioredis 5', () => new Ioredis5({ lazyConnect: true })],
    ['a cluster of ioredis 5', () => new IoredisCluster5(['redis://127.0.0.1:1'], { lazyConnect: true })],
  ])('%s', (_, create) => {
    expect(redisTokenStore(create())).toBeDefined();
  });
});

describe('an error of a connection', () => {
  const storeOf = (error: Error) => {
    const fail = async () => {
      throw error;
    };
    return redisTokenStore({ evalSha: fail, eval: fail, on: () => {} });
  };

  test.each([
    'The client is offline',
    'The client is closed',
    'Socket closed unexpectedly',
    'Disconnects client',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'Connection is closed.',
    'Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
  ])('has the code NOT_CONNECTED: %s', async (message) => {
    const cause = new Error(message);
    await expect(storeOf(cause).read(key)).rejects.toMatchObject({ code: 'NOT_CONNECTED', message, cause });
  });

  test.each([
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), { code: 'ECONNREFUSED' }),
    new Error('NOPERM User instellix has no permissions to run the command'),
    new Error('something else'),
  ])('is not changed when it has a code, or is unknown: %s', async (error) => {
    await expect(storeOf(error).read(key)).rejects.toBe(error);
  });
});

describeOnEachServer('a Redis server', (start) => {
  let server: TestServer;
  const connect = async () => createClient({ url: server.url }).connect();
  let redis: Awaited<ReturnType<typeof connect>>;

  beforeAll(async () => {
    server = await start();
    redis = await connect();
  });
  beforeEach(() => redis.flushAll());
  afterAll(async () => {
    redis.destroy();
    await server[Symbol.asyncDispose]();
  });

  async function grant(store = redisTokenStore(redis), other = {}): Promise<number> {
    const result = await store.claim(key, { ...request, ...other });
    if (result.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(result)}`);
    return result.fence;
  }

  describe('stores', () => {
    test('one key for each credential, with the prefix, for a day after its latest use', async () => {
      const store = redisTokenStore(redis, { keyPrefix: 'billing:' });
      await store.commit(key, { ...token, fence: await grant(store) });
      expect(await redis.keys('*')).toEqual(['billing:v1:gate']);
      const leftMs = await redis.pTTL('billing:v1:gate');
      expect(leftMs).toBeGreaterThan(dayMs - 10_000);
      expect(leftMs).toBeLessThanOrEqual(dayMs + request.leaseMs);
    });

    test('a token of many days for as long as it lives', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: 1, remainingMs: 9 * dayMs });
      await store.commit({ ...key, token: 'another' }, { ...token, fence: 2 });
      expect(await redis.pTTL(name)).toBeGreaterThan(9 * dayMs - 10_000);
    });

    test('no expired token after the next commit', async () => {
      const store = redisTokenStore(redis);
      for (let scope = 0; scope < 5; scope++) {
        await store.commit({ ...key, token: `${scope}` }, { ...token, fence: 1, remainingMs: 1 });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      await store.commit(key, { ...token, fence: 2 });
      expect((await redis.hKeys(name)).sort()).toEqual(['b', 'c', 'e', 'f', 'l', 't:token']);
    });

    test('nothing for operations that change nothing', async () => {
      const store = redisTokenStore(redis);
      await store.read(key);
      await store.remove(key, 1);
      await store.release(key, 1, false);
      expect(await redis.dbSize()).toBe(0);
    });
  });

  describe('executes', () => {
    const countCalls = async (run: () => Promise<unknown>) => {
      await redis.configResetStat();
      await run();
      const stats = await redis.info('commandstats');
      const of = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      return { evalsha: of('evalsha'), eval: of('eval') };
    };

    test('one script for each operation, and two when it does not know the script', async () => {
      const store = redisTokenStore(redis);
      await redis.scriptFlush();
      expect(await countCalls(() => store.read(key))).toEqual({ evalsha: 1, eval: 1 });
      const all = async () => {
        const fence = await grant(store);
        await store.release(key, fence, false);
        await store.commit(key, { ...token, fence });
        await store.read(key);
        await store.remove(key, fence);
      };
      expect(await countCalls(all)).toEqual({ evalsha: 5, eval: 0 });
      await redis.scriptFlush();
      expect((await store.claim(key, request)).outcome).toBe('wait');
    });

    test('everything with exactly the access rights that the README lists', async () => {
      const rights = (await import('node:fs')).readFileSync(new URL('../README.md', import.meta.url), 'utf8');
      const rule = /^ACL SETUSER (\S+) .*$/m.exec(rights)?.[0] ?? '';
      await redis.sendCommand(rule.replace(/>\S+/, '>planted-password').split(' '));
      const url = server.url.replace('//', '//instellix:planted-password@');
      for (const open of Object.values(connectWith)) {
        await redis.flushAll();
        const { connection, close } = await open(url);
        const store = redisTokenStore(connection);
        const fence = await grant(store);
        await store.commit(key, { ...token, fence });
        expect(await store.read(key)).toMatchObject({ ciphertext: 'ciphertext' });
        await store.release(key, fence, true);
        await store.remove(key, fence);
        expect(await store.read(key)).toBeUndefined();
        await redis.set('instellix:v1:foreign', 'text');
        await store.claim({ ...key, gate: 'foreign' }, request);
        await expect(redisTokenStore(connection, { keyPrefix: 'elsewhere:' }).read(key)).rejects.toThrow(
          /NOPERM|No permissions|keys/i,
        );
        close();
      }
      const named = [...rule.matchAll(/\+(\w+)/g)].map(([, command]) => command).sort();
      const used = [...gateScript.matchAll(/redis\.p?call\('(\w+)'/g)].map(([, command]) => command?.toLowerCase());
      expect(named).toEqual([...new Set([...used, 'eval', 'evalsha'])].sort());
    });

    test.each(Object.entries(connectWith))(
      'the same data through %s, which may return buffers or strings',
      async (_, open) => {
        const { connection, close } = await open(server.url);
        const store = redisTokenStore(connection);
        const fence = await grant(store);
        await store.commit(key, { ...token, fence, ciphertext: 'ключ 🔑\u0000' });
        expect(await store.read(key)).toMatchObject({ ciphertext: 'ключ 🔑\u0000', fence });
        close();
      },
    );
  });

  describe('recovers from', () => {
    test.each<[string, () => Promise<unknown>]>([
      ['a string', () => redis.set(name, 'text')],
      ['a list', () => redis.lPush(name, 'a')],
      ['a set', () => redis.sAdd(name, 'a')],
      ['a stream', () => redis.xAdd(name, '*', { a: 'b' })],
      ['another hash', () => redis.hSet(name, { hello: 'world' })],
      ['half of our fields', () => redis.hSet(name, { f: '7', c: '7' })],
      ['fields of nonsense', () => redis.hSet(name, { f: 'a', c: 'b', e: 'c', b: 'd', l: 'e' })],
    ])('%s in place of its record: it is replaced', async (_, plant) => {
      await plant();
      const store = redisTokenStore(redis);
      expect(await store.read(key)).toBeUndefined();
      const fence = await grant(store);
      expect((await store.claim(key, request)).outcome).toBe('wait');
      await store.commit(key, { ...token, fence });
      expect(await store.read(key)).toMatchObject({ fence });
    });

    test.each(['', 'nonsense', '1 2', '1 2 3 ', 'a b c d'])('an invalid token: "%s"', async (value) => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: 5 });
      await redis.hSet(name, 't:token', value);
      expect(await store.read(key)).toBeUndefined();
      await store.remove(key, 5);
    });

    test('FLUSHALL: fences continue to increase', async () => {
      const store = redisTokenStore(redis);
      const before = await grant(store);
      await redis.flushAll();
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(await grant(store)).toBeGreaterThan(before);
    });

    test('an eviction: the whole record is lost', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: await grant(store) });
      await redis.unlink(name);
      expect(await store.read(key)).toBeUndefined();
      expect((await store.claim(key, request)).outcome).toBe('granted');
    });
  });

  /** Like a step back of Redis's clock: moves all stored times into the future. */
  async function setClockBack(ms: number): Promise<void> {
    const fields = await redis.hGetAll(name);
    for (const [field, value] of Object.entries(fields)) {
      if (field === 'e' || field === 'b') await redis.hSet(name, field, `${Number(value) + ms}`);
      if (!field.startsWith('t:')) continue;
      const [endsAt, ...rest] = value.split(' ');
      await redis.hSet(name, field, [Number(endsAt) + ms, ...rest].join(' '));
    }
  }

  describe('whose clock is set back', () => {
    test('closes a closed gate from now on', async () => {
      const store = redisTokenStore(redis);
      await store.release(key, await grant(store), true);
      await setClockBack(hourMs);
      const result = await store.claim(key, { ...request, minIntervalMs: 200 });
      expect(result).toEqual({ outcome: 'wait', because: 'closed', waitMs: 200 });
      await new Promise((resolve) => setTimeout(resolve, 220));
      expect((await store.claim(key, { ...request, minIntervalMs: 200 })).outcome).toBe('granted');
    });

    test('holds an open claim for no longer than its lease', async () => {
      const store = redisTokenStore(redis);
      await grant(store, { leaseMs: 200 });
      await setClockBack(hourMs);
      expect(await store.claim(key, request)).toEqual({ outcome: 'wait', because: 'held', waitMs: 200 });
      await new Promise((resolve) => setTimeout(resolve, 220));
      expect((await store.claim(key, { ...request, minIntervalMs: 0 })).outcome).toBe('granted');
    });

    test('loses the tokens', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: await grant(store) });
      await setClockBack(hourMs);
      expect(await store.read(key)).toBeUndefined();
    });

    test('grants a claim, with a higher fence, when the recorded lease is longer than a client may ask for', async () => {
      const store = redisTokenStore(redis);
      const fence = await grant(store);
      await redis.hSet(name, { f: `${fence + hourMs}`, l: `${2 * hourMs}` });
      await setClockBack(2 * hourMs);
      expect(await grant(store)).toBe(fence + hourMs + 1);
      expect((await store.claim(key, request)).outcome).toBe('wait');
    });

    test('removes a token that had expired before', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: 5, remainingMs: 1_000 });
      await setClockBack(-2_000);
      expect(await store.read(key)).toBeUndefined();
      await store.remove(key, 5);
      await setClockBack(2_000);
      expect(await store.read(key)).toBeUndefined();
    });

    test('does not open the gate when a request was never sent', async () => {
      const store = redisTokenStore(redis);
      await store.release(key, await grant(store), true);
      const fence = await grant(store, { minIntervalMs: 0 });
      await setClockBack(hourMs);
      await store.release(key, fence, false);
      const { outcome, ...rest } = await store.claim(key, request);
      expect([outcome, rest]).toMatchObject(['wait', { because: 'closed' }]);
      expect((rest as { waitMs: number }).waitMs).toBeLessThanOrEqual(5_500);
    });
  });
});
