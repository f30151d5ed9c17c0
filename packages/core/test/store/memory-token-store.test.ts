import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { StoreKey, TokenStore } from '../../src/store/token-store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const request = { minIntervalMs: 0, leaseMs: 1_000, minRemainingMs: 0 };

async function put(store: TokenStore, key: StoreKey, remainingMs: number, ciphertext = 'ciphertext'): Promise<number> {
  const result = await store.claim(key, { ...request, knownFence: (await store.read(key))?.fence });
  if (result.outcome !== 'granted') throw new Error(`not granted: ${inspect(result)}`);
  await store.commit(key, { ciphertext, remainingMs, fence: result.fence });
  return result.fence;
}

function keyOf(name: unknown): StoreKey {
  return { gate: `gate ${name}`, token: `token ${name}` };
}

describe('memoryTokenStore', () => {
  test('works without options, on the clock of the runtime', async () => {
    const store = memoryTokenStore();
    const before = Date.now();
    const fence = await put(store, keyOf('a'), hourMs);
    expect(fence).toBeGreaterThanOrEqual(before);
    expect(await store.read(keyOf('a'))).toMatchObject({ ciphertext: 'ciphertext', fence });
  });

  test('two stores share nothing, so that tests and tenants do not affect each other', async () => {
    const clock = new VirtualClock();
    await put(memoryTokenStore({ clock }), keyOf('a'), hourMs);
    const other = memoryTokenStore({ clock });
    expect(await other.read(keyOf('a'))).toBeUndefined();
    expect(await other.claim(keyOf('a'), { ...request, minIntervalMs: hourMs })).toMatchObject({ outcome: 'granted' });
  });

  test('reveals nothing when it is logged', async () => {
    const store = memoryTokenStore();
    await put(store, keyOf('a'), hourMs, 'planted');
    expect(inspect(store, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    expect(JSON.stringify(store)).toBe('{}');
  });

  test.each<[string, unknown, RegExp]>([
    ['null', null, /must be an object/],
    ['a number', 5, /must be an object/],
    ['an array', [], /must be an object/],
    ['a map', new Map(), /must be an object/],
    ['a misspelt option', { clok: undefined }, /with some of the keys clock, not "clok"/],
    ['null as the clock', { clock: null }, /clock must be an object with the methods now, monotonic, sleep/],
    ['half a clock', { clock: { now: () => 0, monotonic: () => 0 } }, /clock must be an object with the methods/],
    [
      'a getter that throws',
      {
        get clock() {
          throw new Error('no');
        },
      },
      /clock throws when it is read/,
    ],
  ])('refuses %s with an error that names the option', (_, options, message) => {
    // @ts-expect-error: what plain JavaScript can pass
    const create = () => memoryTokenStore(options);
    expect(create).toThrow(ConfigurationError);
    expect(create).toThrow(message);
    expect(create).toThrow(/^The instellix configuration.*memoryTokenStore: /s);
  });
});

describe('the memory of memoryTokenStore', () => {
  test('does not grow with the number of credentials used over time', { timeout: 60_000 }, async () => {
    const clock = new VirtualClock();
    const store = memoryTokenStore({ clock });
    const before = heapBytes();
    for (let day = 0; day < 20; day++) {
      for (let credential = 0; credential < 100; credential++) {
        await put(store, { gate: longText(), token: 'token' }, hourMs);
      }
      await clock.advance(dayMs);
    }
    // 2,000 names of 20 kB take 40 MB. At most those of two days are kept.
    expect(heapBytes() - before).toBeLessThan(12_000_000);
    expect(await store.claim(keyOf('a'), request)).toMatchObject({ outcome: 'granted' });
  });

  test('does not grow with the number of secrets and scopes used over time', { timeout: 60_000 }, async () => {
    const clock = new VirtualClock();
    const store = memoryTokenStore({ clock });
    const before = heapBytes();
    for (let rotation = 0; rotation < 2_000; rotation++) {
      await put(store, { gate: 'gate', token: `token ${rotation}` }, hourMs, longText());
      await clock.advance(hourMs / 2);
    }
    // 2,000 tokens of 20 kB take 40 MB. Two are alive.
    expect(heapBytes() - before).toBeLessThan(12_000_000);
    expect(await store.read({ gate: 'gate', token: 'token 1999' })).toBeDefined();
  });

  test('keeps each gate for a day and each token for its lifetime, however many others are used', async () => {
    const clock = new VirtualClock();
    const store = memoryTokenStore({ clock });
    await put(store, keyOf('first'), 0);
    await put(store, keyOf('long-lived'), dayMs, 'long-lived');
    await clock.advance(dayMs - 1);
    for (let other = 0; other < 1_000; other++) await put(store, keyOf(other), hourMs);
    const result = await store.claim(keyOf('first'), { ...request, minIntervalMs: dayMs });
    expect(result).toEqual({ outcome: 'wait', because: 'closed', waitMs: 1 });
    expect(await store.read(keyOf('long-lived'))).toMatchObject({ ciphertext: 'long-lived', remainingMs: 1 });
    expect(await store.read(keyOf(0))).toBeDefined();
  });

  test('grants a fence above the known one for a gate that was dropped, although the wall clock was set back', async () => {
    const clock = new VirtualClock();
    const store = memoryTokenStore({ clock });
    const fence = await put(store, keyOf('first'), 0);
    await clock.advance(2 * dayMs);
    clock.stepWallClock(-30 * dayMs);
    for (let other = 0; other < 200; other++) await put(store, keyOf(other), hourMs);
    const result = await store.claim(keyOf('first'), { ...request, minIntervalMs: 30 * dayMs, knownFence: fence });
    if (result.outcome !== 'granted') throw new Error('the gate was not dropped, so nothing is tested here');
    expect(result.fence).toBeGreaterThan(fence);
  });
});

/** 20 kB that V8 does not compress or share. */
function longText(): string {
  return randomBytes(10_000).toString('hex');
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
