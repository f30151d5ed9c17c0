import { ConfigurationError } from '@instellix/core';
import { createClient } from 'redis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gateScript } from '../src/gate-script.ts';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith } from './connections.ts';
import { describeOnEveryServer } from './every-server.ts';
import type { RedisServer } from './redis-server.ts';

const key = { gate: 'gate', token: 'token' };
const name = 'instellix:v1:gate';
const request = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
const token = { sealed: 'sealed', remainingMs: 60_000 };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

describe('redisTokenStore refuses at once what it cannot work with', () => {
  const connection = { evalSha: async () => [], eval: async () => [] };

  test.each<[string, unknown, unknown]>([
    ['no connection', undefined, {}],
    ['an URL', 'redis://127.0.0.1', {}],
    ['something without scripts', { get: async () => null }, {}],
    ['a connection that is still to come', Promise.resolve(connection), {}],
    ['a misspelt option', connection, { prefix: 'a' }],
    ['an empty prefix', connection, { keyPrefix: '' }],
    ['a prefix that is no text', connection, { keyPrefix: 5 }],
    ['null for options', connection, null],
    ['a text for options', connection, 'a:'],
  ])('%s', (_, given, options) => {
    expect(() => redisTokenStore(given as never, options as never)).toThrow(ConfigurationError);
  });

  test('and says all of it in one error', () => {
    const error = expect.objectContaining({ problems: Array(3).fill(expect.any(String)) });
    expect(() => redisTokenStore({} as never, { keyPrefix: 5, other: 1 } as never)).toThrow(error);
  });
});

describeOnEveryServer('a server of one’s own', (start, serverName) => {
  let server: RedisServer;
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
    const answer = await store.claim(key, { ...request, ...other });
    if (answer.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(answer)}`);
    return answer.fence;
  }

  describe('holds', () => {
    test('one key for each credential, below the prefix, which no token outlives and no gate by more than a day', async () => {
      const store = redisTokenStore(redis, { keyPrefix: 'billing:' });
      await store.commit(key, { ...token, fence: await grant(store) });
      expect(await redis.keys('*')).toEqual(['billing:v1:gate']);
      const leftMs = await redis.pTTL('billing:v1:gate');
      expect(leftMs).toBeGreaterThan(dayMs - 10_000);
      expect(leftMs).toBeLessThanOrEqual(dayMs + request.leaseMs);
    });

    test('a token of many days for as long as it lives, also when others come after it', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: 1, remainingMs: 9 * dayMs });
      await store.commit({ ...key, token: 'another' }, { ...token, fence: 2 });
      expect(await redis.pTTL(name)).toBeGreaterThan(9 * dayMs - 10_000);
    });

    test('no token that has ended, once another comes', async () => {
      const store = redisTokenStore(redis);
      for (let scope = 0; scope < 5; scope++) {
        await store.commit({ ...key, token: `${scope}` }, { ...token, fence: 1, remainingMs: 1 });
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      await store.commit(key, { ...token, fence: 2 });
      expect((await redis.hKeys(name)).sort()).toEqual(['b', 'c', 'e', 'f', 'l', 't:token']);
    });

    test('nothing more because somebody looks', async () => {
      const store = redisTokenStore(redis);
      await store.read(key);
      await store.remove(key, 1);
      await store.release(key, 1, false);
      expect(await redis.dbSize()).toBe(0);
    });
  });

  describe('is asked', () => {
    const countCalls = async (run: () => Promise<unknown>) => {
      await redis.configResetStat();
      await run();
      const stats = await redis.info('commandstats');
      const of = (command: string) => Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
      return { evalsha: of('evalsha'), eval: of('eval') };
    };

    test('once for each operation, twice only when it does not know the script', async () => {
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

    test('with the least rights that the documents name, and no others', async () => {
      const rights = (await import('node:fs')).readFileSync(new URL('../README.md', import.meta.url), 'utf8');
      const rule = /^ACL SETUSER (\S+) .*$/m.exec(rights)?.[0] ?? '';
      // Redis 6.0, which is older than what the documents speak of, has no rights to channels yet.
      const known = serverName.startsWith('Redis 6.0') ? rule.replace(' resetchannels', '') : rule;
      await redis.sendCommand(known.replace(/>\S+/, '>planted-password').split(' '));
      const url = server.url.replace('//', '//instellix:planted-password@');
      for (const open of Object.values(connectWith)) {
        await redis.flushAll();
        const { connection, close } = await open(url);
        const store = redisTokenStore(connection);
        const fence = await grant(store);
        expect(await store.commit(key, { ...token, fence })).toBe(true);
        expect(await store.read(key)).toMatchObject({ sealed: 'sealed' });
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
      'by %s, which may be set to answer in buffers or strings',
      async (_, open) => {
        const { connection, close } = await open(server.url);
        const store = redisTokenStore(connection);
        const fence = await grant(store);
        await store.commit(key, { ...token, fence, sealed: 'ключ 🔑\u0000' });
        expect(await store.read(key)).toMatchObject({ sealed: 'ключ 🔑\u0000', fence });
        close();
      },
    );
  });

  describe('loses no sleep over', () => {
    test.each<[string, () => Promise<unknown>]>([
      ['a text', () => redis.set(name, 'text')],
      ['a list', () => redis.lPush(name, 'a')],
      ['a set', () => redis.sAdd(name, 'a')],
      ['a stream', () => redis.xAdd(name, '*', { a: 'b' })],
      ['a hash of something else', () => redis.hSet(name, { hello: 'world' })],
      ['half of our fields', () => redis.hSet(name, { f: '7', c: '7' })],
      ['fields of nonsense', () => redis.hSet(name, { f: 'a', c: 'b', e: 'c', b: 'd', l: 'e' })],
    ])('%s under its key: it counts as lost, and is replaced', async (_, plant) => {
      await plant();
      const store = redisTokenStore(redis);
      expect(await store.read(key)).toBeUndefined();
      const fence = await grant(store);
      expect((await store.claim(key, request)).outcome).toBe('wait');
      expect(await store.commit(key, { ...token, fence })).toBe(true);
      expect(await store.read(key)).toMatchObject({ fence });
    });

    test.each(['', 'nonsense', '1 2', '1 2 3 ', 'a b c d'])('a token that is none: "%s"', async (value) => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: 5 });
      await redis.hSet(name, 't:token', value);
      expect(await store.read(key)).toBeUndefined();
      await store.remove(key, 5);
    });

    test('FLUSHALL: fences go on growing, from its clock', async () => {
      const store = redisTokenStore(redis);
      const before = await grant(store);
      await redis.flushAll();
      await new Promise((resolve) => setTimeout(resolve, 2));
      expect(await grant(store)).toBeGreaterThan(before);
    });

    test('eviction: the record goes in one piece', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: await grant(store) });
      await redis.unlink(name);
      expect(await store.read(key)).toBeUndefined();
      expect((await store.claim(key, request)).outcome).toBe('granted');
    });
  });

  /** As if Redis's clock had been set back: what is stored lies that much further in the future. */
  async function setClockBack(ms: number): Promise<void> {
    const fields = await redis.hGetAll(name);
    for (const [field, value] of Object.entries(fields)) {
      if (field === 'e' || field === 'b') await redis.hSet(name, field, `${Number(value) + ms}`);
      if (!field.startsWith('t:')) continue;
      const [endsAt, ...rest] = value.split(' ');
      await redis.hSet(name, field, [Number(endsAt) + ms, ...rest].join(' '));
    }
  }

  describe('whose clock is set back by an hour', () => {
    test('keeps nobody waiting for an hour: a gate that was closed counts from now', async () => {
      const store = redisTokenStore(redis);
      await store.release(key, await grant(store), true);
      await setClockBack(hourMs);
      const answer = await store.claim(key, { ...request, minIntervalMs: 200 });
      expect(answer).toEqual({ outcome: 'wait', because: 'closed', waitMs: 200 });
      await new Promise((resolve) => setTimeout(resolve, 220));
      expect((await store.claim(key, { ...request, minIntervalMs: 200 })).outcome).toBe('granted');
    });

    test('nor for a lease that is longer than it was', async () => {
      const store = redisTokenStore(redis);
      await grant(store, { leaseMs: 200 });
      await setClockBack(hourMs);
      expect(await store.claim(key, request)).toEqual({ outcome: 'wait', because: 'held', waitMs: 200 });
      await new Promise((resolve) => setTimeout(resolve, 220));
      expect((await store.claim(key, { ...request, minIntervalMs: 0 })).outcome).toBe('granted');
    });

    test('makes no token live longer', async () => {
      const store = redisTokenStore(redis);
      await store.commit(key, { ...token, fence: await grant(store) });
      await setClockBack(hourMs);
      expect(await store.read(key)).toBeUndefined();
    });

    test('opens no gate by a request that was never sent', async () => {
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
