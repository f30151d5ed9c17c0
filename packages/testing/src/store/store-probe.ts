import assert from 'node:assert/strict';
import type { ClaimRequest, ClaimResult, StoreKey, TokenStore } from '@instellix/core/store';
import type { StoreCase, StoreHarness } from './store-harness.ts';

/** A result, and the times between which the store has decided it. */
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
 * The operations and assertions of the cases. Assertions about time use the times before and after the calls, so that a slow machine
 * makes them weaker, but never wrong.
 */
export class StoreProbe {
  readonly store: TokenStore;
  /** Another handle on the same data. */
  readonly other: TokenStore;
  readonly #harness: StoreHarness;
  // Cases and runs may share a store.
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

  /** Waits until something that ends after `ms` has certainly ended. */
  async pass(ms: number): Promise<void> {
    await this.#harness.elapse(ms + this.#harness.toleranceMs);
  }

  /** Loses the data, and returns a probe with new handles. */
  async loseData(): Promise<StoreProbe> {
    await this.#harness.loseData();
    // No store is back within the millisecond in which it lost its data.
    await this.pass(shortMs);
    return StoreProbe.create(this.#harness);
  }

  async time<T>(run: () => Promise<T>): Promise<Timed<T>> {
    const from = this.#harness.now();
    const value = await run();
    return { value, from, to: this.#harness.now() };
  }

  claim(request: Partial<ClaimRequest> = {}, key = this.key, store = this.store): Promise<Timed<ClaimResult>> {
    return this.time(() => store.claim(key, { minIntervalMs: 0, leaseMs: longMs, minRemainingMs: 0, ...request }));
  }

  /** Claims, asserts that the claim is granted, and returns the fence. */
  async grant(request: Partial<ClaimRequest> = {}, key = this.key, store = this.store): Promise<number> {
    const { value } = await this.claim(request, key, store);
    assert.equal(value.outcome, 'granted', `expected a grant, got ${JSON.stringify(value)}`);
    assert.ok(Number.isSafeInteger(value.fence), `a fence must be a safe integer, got ${value.fence}`);
    return value.fence;
  }

  commit(
    fence: number,
    remainingMs = longMs,
    ciphertext = `ciphertext ${fence}`,
    key = this.key,
  ): Promise<Timed<void>> {
    return this.time(() => this.store.commit(key, { ciphertext, remainingMs, fence }));
  }

  /** Claims and commits a token. */
  async put(
    remainingMs = longMs,
    key = this.key,
    ciphertext?: string,
  ): Promise<{ fence: number; committed: Timed<void> }> {
    const fence = await this.grant({ knownFence: (await this.store.read(key))?.fence }, key);
    const committed = await this.commit(fence, remainingMs, ciphertext, key);
    return { fence, committed };
  }

  /** Returns the fence of the stored token; undefined when there is none. */
  async readFence(key = this.key, store = this.store): Promise<number | undefined> {
    return (await store.read(key))?.fence;
  }

  /** Asserts that the claim has to wait, until `ms` after something that happened within `since`. */
  expectWait(result: Timed<ClaimResult>, because: 'held' | 'closed', ms: number, since: Timed<unknown>): void {
    const { value, from, to } = result;
    assert.equal(value.outcome, 'wait', `expected a wait, got ${JSON.stringify(value)}`);
    assert.equal(value.because, because);
    this.expectBetween(value.waitMs, since.from + ms - to, since.to + ms - from);
  }

  expectBetween(actual: number, least: number, most: number): void {
    // A thousandth for rounding errors.
    const tolerance = this.#harness.toleranceMs + 0.001;
    assert.ok(
      actual >= least - tolerance && actual <= most + tolerance,
      `expected ${least} to ${most} ms (± ${tolerance}), got ${actual}`,
    );
  }

  /** Claims, waits as long as the store says, and claims again until it is granted. */
  async grantAfterWaiting(request: Partial<ClaimRequest>): Promise<Timed<ClaimResult>> {
    for (let round = 1; ; round++) {
      const result = await this.claim(request);
      if (result.value.outcome !== 'wait') return result;
      assert.ok(round <= 2, `not granted after the wait that the store reported: ${JSON.stringify(result.value)}`);
      await this.pass(result.value.waitMs);
    }
  }
}

export function storeCase(title: string, verify: (probe: StoreProbe) => Promise<void>): StoreCase {
  return { title, verify: async (createHarness) => verify(await StoreProbe.create(await createHarness())) };
}
