import { startEmulator } from '@instellix/emulator';
import { describe, expect, test } from 'vitest';
import { redisTokenStore } from '../src/redis-token-store.ts';
import { connectWith, type OpenConnection } from './connections.ts';
import { describeWithRedis } from './describe-with-redis.ts';
import { Fleet } from './fleet.ts';
import { RedisPair } from './redis-pair.ts';

const key = { gate: 'gate', token: 'token' };
const request = { minIntervalMs: 0, leaseMs: 60_000, minRemainingMs: 0 };
const token = { ciphertext: 'ciphertext', remainingMs: 60_000 };

describeWithRedis('a failover that loses the last write', { timeout: 60_000 }, () => {
  const minIntervalMs = 1_500;

  test.each([
    ['a token', true],
    ['a token and the claim before it', false],
  ])('%s, costs at most one throttled token request, and no call fails', async (_, isClaimCopied) => {
    await using emulator = await startEmulator({ tokenTtlSeconds: 6, throttleWindowMs: minIntervalMs - 50 });
    await using pair = await RedisPair.start();
    await using fleet = new Fleet(emulator, { minIntervalMs, timeoutMs: 2_000 });
    await fleet.add(pair.url, 8);
    expect(await fleet.callAll()).toEqual([]);
    await pair.copied();
    const [name] = (await pair.sendCommand('KEYS', '*')) as [string];
    const fenceOf = async () => Number(await pair.sendCommand('HGET', name, 'f'));
    const copiedFence = await fenceOf();

    // The token response is delayed until the replica has the claim, or has lost its primary.
    await emulator.tokens.revokeAll();
    await emulator.faults.add({ on: 'token', delayMs: 500, times: 1 });
    const refreshed = fleet.callAll();
    await expect.poll(fenceOf, { interval: 5, timeout: 10_000 }).toBeGreaterThan(copiedFence);
    await (isClaimCopied ? pair.copied() : undefined);
    await pair.stopCopying();
    expect(await refreshed).toEqual([]);
    const lostFence = await fenceOf();
    await pair.failOver();

    await expect.poll(() => countConnected(fleet), { timeout: 20_000 }).toBe(fleet.hosts.length);
    expect(await fleet.callAll()).toEqual([]);
    // The new hosts find the token before the lost one, which was revoked, or none.
    await fleet.add(pair.url, 4);
    const failed: unknown[] = [];
    const callAndCompare = async () => {
      failed.push(...(await fleet.callAll()));
      return (await fleet.tokens()).size;
    };
    await expect.poll(callAndCompare, { timeout: 30_000 }).toBe(1);
    expect(failed).toEqual([]);
    expect(await fenceOf()).toBeGreaterThan(lostFence);
    // On an overloaded machine, Redis may seem to hang. A host then requests its own token, and may be throttled.
    const alone = fleet.failures().length;
    expect(await emulator.requests.count({ reason: 'throttled' })).toBeLessThanOrEqual(1 + alone);
  });
});

/** The number of hosts that have reconnected to Redis. */
async function countConnected({ hosts }: Fleet): Promise<number> {
  const reads = hosts.map(({ open }) => redisTokenStore(open.connection).read(key));
  return (await Promise.allSettled(reads)).filter(({ status }) => status === 'fulfilled').length;
}

function verifyFailover(connect: (url: string) => Promise<OpenConnection>): void {
  test('that loses the last claim and token, fences increase, and a late commit from before replaces nothing', {
    timeout: 60_000,
  }, async () => {
    await using pair = await RedisPair.start();
    const { connection, close } = await connect(pair.url);
    const store = redisTokenStore(connection);
    const grant = async () => {
      const result = await store.claim(key, { ...request, knownFence: (await store.read(key))?.fence });
      if (result.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(result)}`);
      return result.fence;
    };
    const copied = await grant();
    await store.commit(key, { ...token, fence: copied });
    await pair.copied();
    await pair.stopCopying();
    const lost = await grant();
    await store.commit(key, { ...token, fence: lost });
    await pair.failOver();

    await expect
      .poll(() => store.read(key).catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({ fence: copied });
    const next = await grant();
    expect(next).toBeGreaterThan(lost);
    await store.commit(key, { ...token, fence: next, ciphertext: 'next' });
    await store.commit(key, { ...token, fence: lost, ciphertext: 'late' });
    expect(await store.read(key)).toMatchObject({ fence: next, ciphertext: 'next' });
    close();
  });
}

describeWithRedis('after a failover', () => {
  describe.each(Object.entries(connectWith))('over %s', (_, connect) => verifyFailover(connect));
});
