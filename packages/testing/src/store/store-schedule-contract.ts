import assert from 'node:assert/strict';
import type { ClaimAnswer, StoredToken, TokenStore } from '@instellix/core';
import fc from 'fast-check';
import type { StoreCase, StoreHarness } from './store-harness.ts';
import { type ExpectedAnswer, StoreModel } from './store-model.ts';
import { handleCount, type StoreStep, storeKeys, storeSchedule } from './store-schedule.ts';

/** A store and its model, side by side. */
class StoreTrial {
  readonly #harness: StoreHarness;
  readonly #model = new StoreModel();
  readonly #grants: { readonly gate: string; readonly fence: number }[] = [];
  #handles: TokenStore[] = [];

  constructor(harness: StoreHarness) {
    this.#harness = harness;
  }

  async run(schedule: readonly StoreStep[]): Promise<void> {
    await this.#openHandles();
    for (const step of schedule) {
      await this.#do(step);
      for (const [index, key] of storeKeys.entries()) {
        const store = this.#handles[(step.handle + index) % handleCount];
        assert.deepEqual(rounded(await store?.read(key)), rounded(this.#model.read(key, this.#harness.now())));
      }
    }
  }

  async #openHandles(): Promise<void> {
    this.#handles = await Promise.all(Array.from({ length: handleCount }, () => this.#harness.open()));
  }

  async #do(step: StoreStep): Promise<void> {
    const { key } = step;
    const store = this.#handles[step.handle];
    assert.ok(store);
    const now = this.#harness.now();
    switch (step.type) {
      case 'claim':
        return this.#claim(step);
      case 'elapse':
        return this.#harness.elapse(step.ms);
      case 'stepWallClock':
        return this.#harness.stepWallClock(step.ms);
      case 'loseData':
        this.#model.loseData();
        await this.#harness.loseData();
        // Nothing that loses its data is back at once.
        await this.#harness.elapse(1_000);
        return this.#openHandles();
    }
    const fence = this.#grants.filter(({ gate }) => gate === key.gate).at(-1 - step.back)?.fence;
    if (fence === undefined) return;
    if (step.type === 'commit') {
      const token = { sealed: `sealed ${fence}`, remainingMs: step.remainingMs, fence };
      assert.equal(await store.commit(key, token), this.#model.commit(key, token, now), 'the answer to the commit');
    } else if (step.type === 'release') {
      await store.release(key, fence, step.requestSent);
      this.#model.release(key, fence, step.requestSent, now);
    } else {
      await store.remove(key, fence);
      this.#model.remove(key, fence);
    }
  }

  async #claim(step: StoreStep & { type: 'claim' }): Promise<void> {
    const now = this.#harness.now();
    const { key, askers, knowsToken, handle, minIntervalMs, leaseMs, minRemainingMs } = step;
    const knownFence = knowsToken ? this.#model.read(key, now)?.fence : undefined;
    const request = { minIntervalMs, leaseMs, minRemainingMs, knownFence };
    const stores = Array.from({ length: askers }, (_, index) => this.#handles[(handle + index) % handleCount]);
    const answers = await Promise.all(stores.map((store) => store?.claim(key, request)));
    // Whichever of those who asked at once came first, it is the one that was granted.
    answers.sort((a, b) => Number(b?.outcome === 'granted') - Number(a?.outcome === 'granted'));
    for (const answer of answers) {
      assert.ok(answer);
      expectAnswer(answer, this.#model.expectClaim(key, request, now));
      if (answer.outcome !== 'granted') continue;
      this.#model.grant(key, answer.fence, request, now);
      this.#grants.push({ gate: key.gate, fence: answer.fence });
    }
  }
}

function expectAnswer(answer: ClaimAnswer, expected: ExpectedAnswer): void {
  if (answer.outcome === 'granted' && 'fenceAbove' in expected) {
    const { fence } = answer;
    assert.ok(
      Number.isSafeInteger(fence) && fence > expected.fenceAbove,
      `${fence} must be above ${expected.fenceAbove}`,
    );
  } else if (answer.outcome === 'found' && expected.outcome === 'found') {
    assert.deepEqual(rounded(answer.token), rounded(expected.token));
  } else if (answer.outcome === 'wait' && expected.outcome === 'wait') {
    assert.deepEqual({ ...answer, waitMs: round(answer.waitMs) }, { ...expected, waitMs: round(expected.waitMs) });
  } else assert.deepEqual(answer, expected);
}

/** Without what floating point does to fractions. */
function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function rounded(token: StoredToken | undefined): StoredToken | undefined {
  return token && { ...token, remainingMs: round(token.remainingMs) };
}

/**
 * What every store must do whose time is virtual: random schedules, each answer compared to a model.
 *
 * Fewer runs are for stores on a disk, where each takes its time; their decisions are to be tested apart, with all of them.
 */
export function storeScheduleContractOf(numRuns: number): readonly StoreCase[] {
  return [
    {
      title: 'whatever several processes do in whatever order, each gets the answer that follows from the history',
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
export const storeScheduleContract: readonly StoreCase[] = storeScheduleContractOf(3_000);
