import { type Clock, memoryTokenStore, type TokenStore } from '@instellix/core';
import { describe, expect, test } from 'vitest';
import { storeContract } from '../../src/store/store-contract.ts';
import type { StoreCase, StoreHarness } from '../../src/store/store-harness.ts';
import { storeScheduleContract } from '../../src/store/store-schedule-contract.ts';
import { VirtualClock } from '../../src/virtual-clock.ts';
import { PlainStoreData, plainTokenStore } from './plain-token-store.ts';
import { flawsBeyondSchedules, type StoreFlaw, storeFlaws } from './store-flaws.ts';

function createHarnessOn(clock: VirtualClock, flaw?: StoreFlaw): StoreHarness {
  let data = new PlainStoreData();
  return {
    open: async () => plainTokenStore(flaw === 'keeps its data to itself' ? new PlainStoreData() : data, clock, flaw),
    elapse: (ms) => clock.advance(ms),
    now: () => clock.monotonic(),
    toleranceMs: 0,
    stepWallClock: async (ms) => clock.stepWallClock(ms),
    loseData: async () => {
      data = new PlainStoreData();
    },
  };
}

/** A store that takes its time before and after it acts. */
function createDistantHarness(): StoreHarness {
  const clock = new VirtualClock();
  const harness = createHarnessOn(clock);
  const travel = async <T>(run: () => Promise<T>) => {
    await clock.advance(40);
    const answer = await run();
    await clock.advance(40);
    return answer;
  };
  const open = async (): Promise<TokenStore> => {
    const store = await harness.open();
    return {
      read: (key) => travel(() => store.read(key)),
      claim: (key, request) => travel(() => store.claim(key, request)),
      commit: (key, token) => travel(() => store.commit(key, token)),
      release: (key, fence, requestSent) => travel(() => store.release(key, fence, requestSent)),
      remove: (key, fence) => travel(() => store.remove(key, fence)),
    };
  };
  return { ...harness, open };
}

/** A store in real time, as those on a disk or a server are. */
function createRealHarness(): StoreHarness {
  let wallOffsetMs = 0;
  const clock: Clock = {
    now: () => Date.now() + wallOffsetMs,
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  let store = memoryTokenStore({ clock });
  return {
    open: async () => store,
    elapse: (ms) => clock.sleep(ms),
    now: () => clock.monotonic(),
    // Node's timers may fire up to a millisecond early.
    toleranceMs: 2,
    stepWallClock: async (ms) => {
      wallOffsetMs += ms;
    },
    loseData: async () => {
      store = memoryTokenStore({ clock });
    },
  };
}

async function findBroken(contract: readonly StoreCase[], flaw: StoreFlaw): Promise<string[]> {
  const broken: string[] = [];
  for (const { title, verify } of contract) {
    await verify(() => createHarnessOn(new VirtualClock(), flaw)).catch(() => broken.push(title));
  }
  return broken;
}

describe('the store contract', () => {
  const titles = storeContract.map(({ title }) => title);

  test('names each promise once, so that a report is clear', () => {
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('knows each promise that a flaw is said to break', () => {
    expect(titles).toEqual(expect.arrayContaining(Object.values(storeFlaws).flat()));
  });

  describe('asks nothing of a store that the memory store alone can do: another one keeps it', () => {
    for (const { title, verify } of [...storeContract, ...storeScheduleContract]) {
      test(title, { timeout: 60_000 }, () => verify(() => createHarnessOn(new VirtualClock())));
    }
  });

  describe('can be kept far away, where each operation takes longer than what it is about', () => {
    for (const { title, verify } of storeContract) test(title, () => verify(createDistantHarness));
  });

  describe('can be kept in real time, on a machine that is slow or not', () => {
    for (const { title, verify } of storeContract) test.concurrent(title, () => verify(createRealHarness));
  });
});

const flaws = Object.keys(storeFlaws) as StoreFlaw[];

test('each promise of the contract is broken by some flaw: none is there for show', { timeout: 60_000 }, async () => {
  const broken = await Promise.all(flaws.map((flaw) => findBroken(storeContract, flaw)));
  const neverBroken = storeContract.filter(({ title }) => !broken.flat().includes(title));
  expect(neverBroken.map(({ title }) => title)).toEqual([]);
});

describe.each(flaws)('a store that %s', (flaw) => {
  test('fails the contract where it breaks a promise', async () => {
    expect(await findBroken(storeContract, flaw)).toEqual(expect.arrayContaining([...storeFlaws[flaw]]));
  });
});

describe.each(flaws.filter((flaw) => !flawsBeyondSchedules.has(flaw)))('a store that %s', (flaw) => {
  test('fails on random schedules', { timeout: 60_000 }, async () => {
    expect(await findBroken(storeScheduleContract, flaw)).toHaveLength(1);
  });
});
