import assert from 'node:assert/strict';
import type { ClaimRequest } from '@instellix/core/store';
import { longMs, type StoreProbe, shortMs, storeCase } from './store-probe.ts';

/** The two ways to end a claim whose request was sent. */
const endings: Record<string, (probe: StoreProbe, fence: number) => Promise<unknown>> = {
  'a commit': (probe, fence) => probe.commit(fence, 0),
  'a failed request': ({ store, key }, fence) => store.release(key, fence, true),
};

/** How long the gate stays closed. */
export const gateCases = [
  ...Object.entries(endings).flatMap(([name, end]) => [
    storeCase(`after ${name}, the gate is closed for the interval of the next claimant`, async (probe) => {
      const fence = await probe.grant();
      await probe.pass(shortMs);
      const ended = await probe.time(() => end(probe, fence));
      for (const minIntervalMs of [longMs, 2 * longMs, longMs + 0.5]) {
        probe.expectWait(await probe.claim({ minIntervalMs }, probe.key, probe.other), 'closed', minIntervalMs, ended);
        await probe.pass(shortMs);
      }
      await probe.grant({ minIntervalMs: shortMs });
    }),
    storeCase(
      `after ${name}, the next claim is granted when the returned wait ends, and not earlier`,
      async (probe) => {
        const { from } = await probe.time(async () => end(probe, await probe.grant()));
        const next = await probe.grantAfterWaiting({ minIntervalMs: 2 * shortMs });
        probe.expectBetween(next.to - from, 2 * shortMs, Number.POSITIVE_INFINITY);
      },
    ),
  ]),
  storeCase('after a holder has died, the gate is closed from the end of its lease', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    await probe.pass(shortMs);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', shortMs + longMs, claim);
    await probe.grant({ minIntervalMs: shortMs });
  }),
  storeCase('a request that was never sent leaves an unused gate open', async (probe) => {
    const fence = await probe.grant({ minIntervalMs: longMs });
    await probe.store.release(probe.key, fence, false);
    assert.ok((await probe.grant({ minIntervalMs: longMs })) > fence);
  }),
  ...Object.entries(endings).map(([name, end]) =>
    storeCase(`a request that was never sent leaves the gate as it was after ${name}`, async (probe) => {
      const ended = await probe.time(async () => end(probe, await probe.grant()));
      for (let attempt = 0; attempt < 2; attempt++) {
        await probe.pass(shortMs);
        const fence = await probe.grant();
        await probe.pass(shortMs);
        await probe.store.release(probe.key, fence, false);
        probe.expectWait(await probe.claim({ minIntervalMs: 2 * longMs }), 'closed', 2 * longMs, ended);
      }
    }),
  ),
  storeCase('a request that was never sent leaves the gate as it was after the death of a holder', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    const fence = await probe.grant();
    await probe.pass(shortMs);
    await probe.store.release(probe.key, fence, false);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', shortMs + longMs, claim);
  }),
  storeCase('a late report that nothing was sent does not open the gate', async (probe) => {
    const dead = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    await probe.store.release(probe.key, dead.value, false);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', shortMs + longMs, dead);
    const fence = await probe.grant();
    const ended = await probe.commit(fence, 0);
    await probe.store.release(probe.key, fence, false);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, ended);
  }),
  storeCase('a late report that a request was sent closes the gate from then on', async (probe) => {
    for (const end of Object.values(endings)) {
      const fence = await probe.grant({ leaseMs: shortMs });
      await probe.pass(shortMs);
      await probe.pass(shortMs);
      const ended = await probe.time(() => end(probe, fence));
      probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, ended);
    }
  }),
  storeCase('a late report does not change the gate once a newer claim has been granted', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    const ended = await probe.time(async () => probe.commit(await probe.grant(), 0));
    await probe.pass(shortMs);
    await probe.store.release(probe.key, late, true);
    await probe.store.release(probe.key, late, false);
    await probe.commit(late, 0);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, ended);
  }),
  storeCase('another scope or secret shares the gate, but not the token', async (probe) => {
    const sibling = probe.keyOf('gate', 'another token');
    const asSibling = (request: Partial<ClaimRequest>) => probe.claim(request, sibling, probe.other);
    const claim = await probe.time(() => probe.grant());
    probe.expectWait(await asSibling({}), 'held', longMs, claim);
    const ended = await probe.commit(claim.value);
    assert.equal(await probe.readFence(sibling), undefined);
    probe.expectWait(await asSibling({ minIntervalMs: longMs }), 'closed', longMs, ended);
    const fence = await probe.grant({ minIntervalMs: 0 }, sibling);
    await probe.other.release(sibling, fence, false);
    probe.expectWait(await asSibling({ minIntervalMs: longMs }), 'closed', longMs, ended);
    await probe.store.remove(sibling, claim.value);
    assert.equal(await probe.readFence(), claim.value);
  }),
  storeCase('another credential has its own gate', async (probe) => {
    const otherKey = probe.keyOf('another gate', 'token');
    await probe.grant();
    const fence = await probe.grant({ minIntervalMs: longMs }, otherKey);
    const ended = await probe.commit(fence, 0, 'ciphertext', otherKey);
    await probe.pass(shortMs);
    assert.equal(await probe.readFence(), undefined);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }, otherKey), 'closed', longMs, ended);
    assert.equal((await probe.claim()).value.outcome, 'wait');
    await probe.grant({ minIntervalMs: longMs }, probe.keyOf('a third gate', 'token'));
  }),
];
