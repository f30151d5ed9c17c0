import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFetched, releases } from '../../../tools/redis-servers/fetched-servers.ts';
import { connectWith } from './connections.ts';
import { describeOnEveryServer, servers } from './every-server.ts';
import type { RedisServer } from './redis-server.ts';
import { verifyContract } from './verify-contract.ts';

/** Name and minor version: `Redis 7.0`. */
const fetched = servers.filter(({ isOwn }) => !isOwn).map(({ name }) => String(/^\S+ \d+\.\d+/.exec(name)));

describe.skipIf(!releases.every(isFetched))('the downloaded servers', () => {
  test('are a Redis below 6.2, the oldest supported version, a new Redis, and a Valkey', () => {
    const [old, recent, valkey] = fetched.map((kind) => kind.split(' '));
    expect([old?.[0], recent?.[0], valkey?.[0]]).toEqual(['Redis', 'Redis', 'Valkey']);
    expect(Number(old?.[1])).toBeLessThan(6.2);
    expect(Number(recent?.[1])).toBeGreaterThanOrEqual(8);
  });

  test.each(['../README.md', '../../../docs/stores.md'])('are those that %s mentions', (document) => {
    const text = readFileSync(new URL(document, import.meta.url), 'utf8');
    for (const kind of fetched) expect(text.replaceAll(/\s+/g, ' ')).toContain(kind);
  });
});

describeOnEveryServer('redisTokenStore keeps the store contract on a server', (start) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  verifyContract(() => Promise.all([connectWith['node-redis 6'](server.url), connectWith['ioredis 6'](server.url)]));
});
