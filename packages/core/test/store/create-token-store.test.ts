import { type ClockedStoreHarness, storeScheduleContract, VirtualClock, virtualTime } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { createTokenStore } from '../../src/store/create-token-store.ts';
import type { TokenStore } from '../../src/store/token-store.ts';

/** Records as JSON, as a file or a database keeps them. */
function createJsonStore(records: Map<string, string>, clock: VirtualClock, beforeSave = () => {}): TokenStore {
  return createTokenStore(clock, async (gate, decide) => {
    const { result, record } = decide(JSON.parse(records.get(gate) ?? 'null'));
    if (record) beforeSave();
    if (record) records.set(gate, JSON.stringify(record));
    return result;
  });
}

function createHarness(): ClockedStoreHarness {
  const clock = new VirtualClock();
  const records = new Map<string, string>();
  return {
    open: async () => createJsonStore(records, clock),
    ...virtualTime(clock),
    loseData: async () => records.clear(),
  };
}

describe('a store over records that are saved as JSON', () => {
  for (const { title, verify } of storeScheduleContract) test(title, { timeout: 60_000 }, () => verify(createHarness));
});

describe('createTokenStore', () => {
  const key = { gate: 'gate', token: 'token' };
  const request = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
  const token = { ciphertext: 'ciphertext', remainingMs: 60_000 };
  let clock: VirtualClock;
  let saves: number;
  let store: TokenStore;

  beforeEach(async () => {
    clock = new VirtualClock();
    store = createJsonStore(new Map(), clock, () => saves++);
    await store.commit(key, { ...token, fence: 7 });
    saves = 0;
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a read', () => store.read(key)],
    ['a claim that has to wait', () => store.claim(key, { ...request, knownFence: 7 })],
    ['a claim that finds a token', () => store.claim(key, request)],
    ['a late commit', () => store.commit(key, { ...token, fence: 6 })],
    ['a late release', () => store.release(key, 6, true)],
    ['a release of another claim', () => store.release(key, 6, false)],
    ['the removal of another token', () => store.remove(key, 6)],
  ])('saves nothing for %s', async (_, operate) => {
    await operate();
    expect(saves).toBe(0);
  });

  test('counts the life of a token from the call of commit, not from the end of loading', async () => {
    const slow = createTokenStore(clock, async (gate, decide) => {
      await clock.advance(1_000);
      const { result, record } = decide(undefined);
      expect(record?.tokens[0]?.expiresAt).toEqual({
        wall: clock.now() + 59_000,
        monotonic: clock.monotonic() + 59_000,
      });
      expect(gate).toBe('gate');
      return result;
    });
    await slow.commit(key, { ...token, fence: 7 });
    expect.assertions(2);
  });

  test('removes a token that has expired because the wall clock was set forward', async () => {
    clock.stepWallClock(120_000);
    await store.remove(key, 7);
    clock.stepWallClock(-120_000);
    expect(await store.read(key)).toBeUndefined();
  });

  test('drops expired tokens with the next commit', async () => {
    const records = new Map<string, string>();
    const other = createJsonStore(records, clock);
    await other.commit(key, { ...token, fence: 7 });
    await clock.advance(60_000);
    await other.commit({ ...key, token: 'another' }, { ...token, fence: 8 });
    expect(JSON.parse(records.get('gate') ?? '').tokens).toMatchObject([{ name: 'another' }]);
  });
});
