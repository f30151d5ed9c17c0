import assert from 'node:assert/strict';
import type { ClaimAnswer, ClaimRequest, StoreKey, TokenStore } from '@instellix/core';
import type { StoreCase, StoreHarness } from './store-harness.ts';

/** A result with the moments between which the store has decided it. */
export interface Timed<T> {
  readonly value: T;
  readonly from: number;
  readonly to: number;
}

/** Too long to end during a test, however slow the machine; milliseconds. */
export const longMs = 60_000;
/** Short enough to wait for in real time; milliseconds. */
export const shortMs = 30;

/**
 * What cases ask a store with. Every assertion about time uses the moments around the calls, so that a slow machine
 * makes it weaker and never wrong.
 */
export class StoreProbe {
  readonly store: TokenStore;
  /** Another handle on the same data. */
  readonly other: TokenStore;
  readonly #harness: StoreHarness;
  // Stores may be shared by many cases, and runs.
  readonly #run = crypto.randomUUID();
  readonly key = this.keyOf('gate', 'token');

  constructor(harness: StoreHarness, store: TokenStore, other: TokenStore) {
    this.#harness = harness;
    this.store = store;
    this.other = other;
  }

  static async create(harness: StoreHarness): Promise<StoreProbe> {
    return new StoreProbe(harness, await harness.open(), await harness.open());
  }

  keyOf(gate: string, token: string): StoreKey {
    return { gate: `${gate}${this.#run}`, token: `${token}${this.#run}` };
  }

  /** Waits until something that was to end after `ms` has certainly ended. */
  async pass(ms: number): Promise<void> {
    await this.#harness.elapse(ms + this.#harness.toleranceMs);
  }

  async stepWallClock(ms: number): Promise<void> {
    await this.#harness.stepWallClock(ms);
  }

  /** Loses the data and goes on with new handles. */
  async loseData(): Promise<StoreProbe> {
    await this.#harness.loseData();
    // Whatever lost them was not back within the same millisecond.
    await this.pass(shortMs);
    return StoreProbe.create(this.#harness);
  }

  async time<T>(run: () => Promise<T>): Promise<Timed<T>> {
    const from = this.#harness.now();
    const value = await run();
    return { value, from, to: this.#harness.now() };
  }

  claim(request: Partial<ClaimRequest> = {}, key = this.key, store = this.store): Promise<Timed<ClaimAnswer>> {
    return this.time(() => store.claim(key, { minIntervalMs: 0, leaseMs: longMs, minRemainingMs: 0, ...request }));
  }

  /** Claims, insists on being granted, and answers the fence. */
  async grant(request: Partial<ClaimRequest> = {}, key = this.key, store = this.store): Promise<number> {
    const { value } = await this.claim(request, key, store);
    assert.equal(value.outcome, 'granted', `expected a grant, got ${JSON.stringify(value)}`);
    assert.ok(Number.isSafeInteger(value.fence), `a fence must be a safe integer, got ${value.fence}`);
    return value.fence;
  }

  commit(fence: number, remainingMs = longMs, sealed = `sealed ${fence}`, key = this.key): Promise<Timed<boolean>> {
    return this.time(() => this.store.commit(key, { sealed, remainingMs, fence }));
  }

  /** Claims and commits, so that a token is there. */
  async put(
    remainingMs = longMs,
    key = this.key,
    sealed?: string,
  ): Promise<{ fence: number; committed: Timed<boolean> }> {
    const fence = await this.grant({ knownFence: (await this.store.read(key))?.fence }, key);
    const committed = await this.commit(fence, remainingMs, sealed, key);
    assert.equal(committed.value, true, 'the commit of the holder must be accepted');
    return { fence, committed };
  }

  /** Which fence is to be read now; undefined when there is no token. */
  async readFence(key = this.key, store = this.store): Promise<number | undefined> {
    return (await store.read(key))?.fence;
  }

  /** Insists on an answer `wait` that ends `ms` after something that happened within `since`. */
  expectWait(answer: Timed<ClaimAnswer>, because: 'held' | 'closed', ms: number, since: Timed<unknown>): void {
    const { value, from, to } = answer;
    assert.equal(value.outcome, 'wait', `expected to wait, got ${JSON.stringify(value)}`);
    assert.equal(value.because, because);
    this.expectBetween(value.waitMs, since.from + ms - to, since.to + ms - from);
  }

  expectBetween(actual: number, least: number, most: number): void {
    // A thousandth for what floating point does to fractions.
    const tolerance = this.#harness.toleranceMs + 0.001;
    assert.ok(
      actual >= least - tolerance && actual <= most + tolerance,
      `expected ${least} to ${most} ms (give or take ${tolerance}), got ${actual}`,
    );
  }

  /** Waits as it is told until it is granted. */
  async grantAfterWaiting(request: Partial<ClaimRequest>): Promise<Timed<ClaimAnswer>> {
    for (let round = 1; ; round++) {
      const answer = await this.claim(request);
      if (answer.value.outcome !== 'wait') return answer;
      assert.ok(round <= 2, `still told to wait after waiting as long as told: ${JSON.stringify(answer.value)}`);
      await this.pass(answer.value.waitMs);
    }
  }
}

export function storeCase(title: string, verify: (probe: StoreProbe) => Promise<void>): StoreCase {
  return { title, verify: async (createHarness) => verify(await StoreProbe.create(await createHarness())) };
}
