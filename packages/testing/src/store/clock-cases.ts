import assert from 'node:assert/strict';
import type { ClockedStoreHarness, StoreCase } from './store-harness.ts';
import { longMs, StoreProbe } from './store-probe.ts';

const hourMs = 3_600_000;

function clockCase(
  title: string,
  verify: (probe: StoreProbe, clocks: ClockedStoreHarness) => Promise<void>,
): StoreCase<ClockedStoreHarness> {
  return {
    title,
    verify: async (createHarness) => {
      const harness = await createHarness();
      await verify(await StoreProbe.create(harness), harness);
    },
  };
}

/** How time can pass on the wall clock only. */
const wallClockAdvances: Record<string, (clocks: ClockedStoreHarness, ms: number) => void> = {
  'a suspend': (clocks, ms) => clocks.suspend(ms),
  'a step forward of the wall clock': (clocks, ms) => clocks.stepWallClock(ms),
};

/** Of two clocks, the one that has advanced further counts. */
export const clockCases = [
  clockCase('a step back of the wall clock does not change tokens, leases or gates', async (probe, clocks) => {
    const { fence, committed } = await probe.put();
    clocks.stepWallClock(-hourMs);
    const { value, from, to } = await probe.time(() => probe.other.read(probe.key));
    probe.expectBetween(value?.remainingMs ?? 0, committed.from + longMs - to, committed.to + longMs - from);
    const request = { knownFence: fence };
    probe.expectWait(await probe.claim({ ...request, minIntervalMs: longMs }), 'closed', longMs, committed);
    const claim = await probe.time(() => probe.grant({ ...request, leaseMs: longMs }));
    clocks.stepWallClock(-hourMs);
    probe.expectWait(await probe.claim(request), 'held', longMs, claim);
    await probe.pass(longMs);
    await probe.grant(request);
  }),
  ...Object.entries(wallClockAdvances).flatMap(([name, advance]) => [
    clockCase(`${name} shortens the life of a token`, async (probe, clocks) => {
      const { committed } = await probe.put();
      const leftMs = longMs / 2;
      advance(clocks, longMs - leftMs);
      const { value, from, to } = await probe.time(() => probe.other.read(probe.key));
      probe.expectBetween(value?.remainingMs ?? 0, committed.from + leftMs - to, committed.to + leftMs - from);
      advance(clocks, leftMs);
      assert.equal(await probe.readFence(), undefined);
      await probe.grant();
    }),
    clockCase(`${name} shortens a lease`, async (probe, clocks) => {
      const claim = await probe.time(() => probe.grant());
      advance(clocks, longMs / 2);
      probe.expectWait(await probe.claim(), 'held', longMs / 2, claim);
      advance(clocks, longMs / 2);
      probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, claim);
      await probe.grant();
    }),
    clockCase(`${name} shortens the time until the gate opens`, async (probe, clocks) => {
      const ended = await probe.time(async () => probe.commit(await probe.grant(), 0));
      advance(clocks, longMs / 2);
      probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs / 2, ended);
      advance(clocks, longMs / 2);
      await probe.grant({ minIntervalMs: longMs });
    }),
  ]),
  clockCase('a step forward and back of the wall clock does not change leases or gates', async (probe, clocks) => {
    const claim = await probe.time(() => probe.grant());
    for (const sign of [1, -1]) clocks.stepWallClock(sign * hourMs);
    probe.expectWait(await probe.claim(), 'held', longMs, claim);
    const ended = await probe.commit(claim.value, 0);
    for (const sign of [1, -1]) clocks.stepWallClock(sign * hourMs);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, ended);
  }),
  clockCase('fences increase although the wall clock is stepped in both directions', async (probe, clocks) => {
    let last = 0;
    // Clocks show fractions of a millisecond, and a fence is an integer.
    await probe.pass(0.5);
    for (const stepMs of [0, -hourMs, 2 * hourMs, -hourMs]) {
      clocks.stepWallClock(stepMs);
      const fence = await probe.grant();
      assert.ok(fence > last, `${fence} must be above ${last}`);
      last = fence;
      await probe.commit(fence, 0);
    }
  }),
];
