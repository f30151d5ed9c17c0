import assert from 'node:assert/strict';
import type { ClaimResult, StoredToken, TokenStore } from '@instellix/core/store';
import fc from 'fast-check';
import type { ClockedStoreHarness, StoreCase } from './store-harness.ts';
import { type ClockReading, type ExpectedResult, StoreModel } from './store-model.ts';
import { handleCount, type StoreStep, storeKeys, storeSchedule } from './store-schedule.ts';

type ClaimStep = StoreStep & { readonly type: 'claim' };

/** Runs a schedule on a store and on its model, and compares all results. */
class StoreTrial {
  readonly #harness: ClockedStoreHarness;
  readonly #model = new StoreModel();
  readonly #grants: { readonly gate: string; readonly fence: number }[] = [];
  #handles: TokenStore[] = [];
  #wallOffsetMs = 0;

  constructor(harness: ClockedStoreHarness) {
    this.#harness = harness;
  }

  async run(schedule: readonly StoreStep[]): Promise<void> {
    await this.#openHandles();
    for (const step of schedule) {
      await this.#do(step);
      for (const [index, key] of storeKeys.entries()) {
        const actual = await this.#handles[(step.handle + index) % handleCount]?.read(key);
        if (!actual && this.#model.read(key, this.#now())) this.#model.recordMissing(key);
        assert.deepEqual(rounded(actual), rounded(this.#model.read(key, this.#now())));
      }
    }
  }

  /** Steps and suspends move the wall clock only. */
  #now(): ClockReading {
    const monotonic = this.#harness.now();
    return { wall: monotonic + this.#wallOffsetMs, monotonic };
  }

  async #openHandles(): Promise<void> {
    this.#handles = await Promise.all(Array.from({ length: handleCount }, () => this.#harness.open()));
  }

  async #do(step: StoreStep): Promise<void> {
    const { key } = step;
    const store = this.#handles[step.handle];
    assert.ok(store);
    switch (step.type) {
      case 'claim':
        return this.#claim(step);
      case 'elapse':
        return this.#harness.elapse(step.ms);
      case 'stepWallClock':
      case 'suspend':
        this.#wallOffsetMs += step.ms;
        return this.#harness[step.type](step.ms);
      case 'loseData':
        this.#model.loseData();
        await this.#harness.loseData();
        // No store is back within the millisecond in which it lost its data.
        await this.#harness.elapse(1_000);
        return this.#openHandles();
    }
    const now = this.#now();
    const fence = this.#grants.filter(({ gate }) => gate === key.gate).at(-1 - step.back)?.fence;
    if (fence === undefined) return;
    if (step.type === 'commit') {
      const token = { ciphertext: `ciphertext ${fence}`, remainingMs: step.remainingMs, fence };
      await store.commit(key, token);
      this.#model.commit(key, token, now);
    } else if (step.type === 'release') {
      await store.release(key, fence, step.requestSent);
      this.#model.release(key, fence, step.requestSent, now);
    } else {
      await store.remove(key, fence);
      this.#model.remove(key, fence);
    }
  }

  async #claim(step: ClaimStep): Promise<void> {
    const now = this.#now();
    const { key, claimants, handle, minIntervalMs, leaseMs, minRemainingMs } = step;
    const request = { minIntervalMs, leaseMs, minRemainingMs, knownFence: this.#knownFence(step) };
    const stores = Array.from({ length: claimants }, (_, index) => this.#handles[(handle + index) % handleCount]);
    const results = await Promise.all(stores.map((store) => store?.claim(key, request)));
    // Concurrent claims may be decided in any order: the granted one came first.
    results.sort((a, b) => Number(b?.outcome === 'granted') - Number(a?.outcome === 'granted'));
    for (const result of results) {
      assert.ok(result);
      expectResult(result, this.#model.expectClaim(key, request, now));
      if (result.outcome !== 'granted') continue;
      this.#model.grant(key, result.fence, request, now);
      this.#grants.push({ gate: key.gate, fence: result.fence });
    }
  }

  #knownFence({ key, knows }: ClaimStep): number | undefined {
    const fence = this.#model.read(key, this.#now())?.fence;
    if (knows === 'nothing') return undefined;
    // From a store that this one does not know of.
    if (knows === 'a newer token') return this.#model.highestFence(key) + 3;
    return fence !== undefined && knows === 'an older token' ? fence - 1 : fence;
  }
}

function expectResult(actual: ClaimResult, expected: ExpectedResult): void {
  if (actual.outcome === 'granted' && 'fenceAbove' in expected) {
    const { fence } = actual;
    assert.ok(Number.isSafeInteger(fence), `${fence} must be a safe integer`);
    assert.ok(fence > expected.fenceAbove, `${fence} must be above ${expected.fenceAbove}`);
  } else if (actual.outcome === 'found' && expected.outcome === 'found') {
    assert.deepEqual(rounded(actual.token), rounded(expected.token));
  } else if (actual.outcome === 'wait' && expected.outcome === 'wait') {
    assert.deepEqual({ ...actual, waitMs: round(actual.waitMs) }, { ...expected, waitMs: round(expected.waitMs) });
  } else assert.deepEqual(actual, expected);
}

/** Removes rounding errors. */
function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function rounded(token: StoredToken | undefined): StoredToken | undefined {
  return token && { ...token, remainingMs: round(token.remainingMs) };
}

/**
 * What every store that reads a `Clock` must do: random schedules, whose results are compared to those of a model.
 *
 * @param numRuns the number of schedules; smaller for stores on a disk, where each takes longer
 */
export function storeScheduleContractOf(numRuns: number): readonly StoreCase<ClockedStoreHarness>[] {
  return [
    {
      title: 'in any schedule of several processes, each result follows from the history',
      async verify(createHarness) {
        const property = fc.asyncProperty(storeSchedule, async (schedule) => {
          await new StoreTrial(await createHarness()).run(schedule);
        });
        await fc.assert(property, { numRuns });
      },
    },
  ];
}

/** With thousands of schedules. */
export const storeScheduleContract: readonly StoreCase<ClockedStoreHarness>[] = storeScheduleContractOf(3_000);
