import { memoryTokenStore } from '@instellix/core';
import type { Clock, TokenStore } from '@instellix/core/store';
import { describe, expect, test } from 'vitest';
import { storeClockContract, storeContract } from '../../src/store/store-contract.ts';
import type { ClockedStoreHarness, StoreCase, StoreHarness } from '../../src/store/store-harness.ts';
import { storeScheduleContract } from '../../src/store/store-schedule-contract.ts';
import { virtualTime } from '../../src/store/virtual-time.ts';
import { VirtualClock } from '../../src/virtual-clock.ts';
import { PlainStoreData, plainTokenStore } from './plain-token-store.ts';
import { flawsBeyondSchedules, type StoreFlaw, storeFlaws } from './store-flaws.ts';

function createHarnessOn(clock: VirtualClock, flaw?: StoreFlaw): ClockedStoreHarness {
  let data = new PlainStoreData();
  return {
    open: async () => plainTokenStore(flaw === 'shares no data' ? new PlainStoreData() : data, clock, flaw),
    ...virtualTime(clock),
    loseData: async () => {
      data = new PlainStoreData();
    },
  };
}

/** A store that needs 40 ms before and after each operation. */
function createDistantHarness(): ClockedStoreHarness {
  const clock = new VirtualClock();
  const harness = createHarnessOn(clock);
  const travel = async <T>(run: () => Promise<T>) => {
    await clock.advance(40);
    const result = await run();
    await clock.advance(40);
    return result;
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

/** A store in real time, as stores on a disk or a server are. */
function createRealHarness(): StoreHarness {
  const clock: Clock = {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  let store = memoryTokenStore({ clock });
  return {
    open: async () => store,
    elapse: (ms) => clock.sleep(ms),
    now: () => clock.monotonic(),
    // Node's timers may fire up to a millisecond early, and `Date.now` shows whole milliseconds.
    toleranceMs: 2,
    loseData: async () => {
      store = memoryTokenStore({ clock });
    },
  };
}

async function findBroken(contract: readonly StoreCase<ClockedStoreHarness>[], flaw: StoreFlaw): Promise<string[]> {
  const broken: string[] = [];
  for (const { title, verify } of contract) {
    await verify(() => createHarnessOn(new VirtualClock(), flaw)).catch(() => broken.push(title));
  }
  return broken;
}

const allCases = [...storeContract, ...storeClockContract];

describe('the store contract', () => {
  const titles = allCases.map(({ title }) => title);

  test('has a different title for each case', () => {
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('has a case for each title in the list of flaws', () => {
    expect(titles).toEqual(expect.arrayContaining(Object.values(storeFlaws).flat()));
  });

  describe('is kept by a second implementation', () => {
    for (const { title, verify } of [...allCases, ...storeScheduleContract]) {
      test(title, { timeout: 60_000 }, () => verify(() => createHarnessOn(new VirtualClock())));
    }
  });

  describe('can be kept by a store whose operations take longer than the intervals', () => {
    for (const { title, verify } of allCases) test(title, () => verify(createDistantHarness));
  });

  describe('can be kept in real time, on a slow machine too', () => {
    for (const { title, verify } of storeContract) test.concurrent(title, () => verify(createRealHarness));
  });
});

const flaws = Object.keys(storeFlaws) as StoreFlaw[];

test('each case of the contract is broken by some flaw', { timeout: 60_000 }, async () => {
  const broken = await Promise.all(flaws.map((flaw) => findBroken(allCases, flaw)));
  const neverBroken = allCases.filter(({ title }) => !broken.flat().includes(title));
  expect(neverBroken.map(({ title }) => title)).toEqual([]);
});

describe.each(flaws)('a store that %s', (flaw) => {
  test('fails the cases that the flaw breaks', async () => {
    expect(await findBroken(allCases, flaw)).toEqual(expect.arrayContaining([...storeFlaws[flaw]]));
  });
});

describe.each(flaws.filter((flaw) => !flawsBeyondSchedules.has(flaw)))('a store that %s', (flaw) => {
  test('fails in random schedules', { timeout: 60_000 }, async () => {
    expect(await findBroken(storeScheduleContract, flaw)).toHaveLength(1);
  });
});
