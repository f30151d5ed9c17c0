import assert from 'node:assert/strict';
import type { ClaimRequest } from '@instellix/core';
import { longMs, type StoreProbe, shortMs, storeCase } from './store-probe.ts';

/** The two reports that a request was sent, and is over. */
const endings: Record<string, (probe: StoreProbe, fence: number) => Promise<unknown>> = {
  'a commit': (probe, fence) => probe.commit(fence, 0),
  'a failed request': ({ store, key }, fence) => store.release(key, fence, true),
};

/** How long the gate stays closed, for whom, and after what. */
export const gateCases = [
  ...Object.entries(endings).flatMap(([name, end]) => [
    storeCase(`after ${name}, the gate is closed for the interval of the one who asks`, async (probe) => {
      const fence = await probe.grant();
      await probe.pass(shortMs);
      const ended = await probe.time(() => end(probe, fence));
      for (const minIntervalMs of [longMs, 2 * longMs, longMs + 0.5]) {
        probe.expectWait(await probe.claim({ minIntervalMs }, probe.key, probe.other), 'closed', minIntervalMs, ended);
        await probe.pass(shortMs);
      }
      await probe.grant({ minIntervalMs: shortMs });
    }),
    storeCase(`after ${name}, the next claim is granted when it was told, not sooner`, async (probe) => {
      const { from } = await probe.time(async () => end(probe, await probe.grant()));
      const next = await probe.grantAfterWaiting({ minIntervalMs: 2 * shortMs });
      probe.expectBetween(next.to - from, 2 * shortMs, Number.POSITIVE_INFINITY);
    }),
  ]),
  storeCase('after a holder has died, the gate is closed from the end of its lease', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    await probe.pass(shortMs);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', shortMs + longMs, claim);
    await probe.grant({ minIntervalMs: shortMs });
  }),
  storeCase('a request that provably never left leaves a new gate open', async (probe) => {
    const fence = await probe.grant({ minIntervalMs: longMs });
    await probe.store.release(probe.key, fence, false);
    assert.ok((await probe.grant({ minIntervalMs: longMs })) > fence);
  }),
  ...Object.entries(endings).map(([name, end]) =>
    storeCase(`a request that provably never left leaves the gate as it was after ${name}`, async (probe) => {
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
  storeCase('a request that provably never left leaves the gate as it was after a holder’s death', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    const fence = await probe.grant();
    await probe.pass(shortMs);
    await probe.store.release(probe.key, fence, false);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', shortMs + longMs, claim);
  }),
  storeCase('whoever says too late that nothing was sent opens no gate', async (probe) => {
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
  storeCase('a late report changes no gate once a newer claim was granted', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    const ended = await probe.time(async () => probe.commit(await probe.grant(), 0));
    await probe.pass(shortMs);
    await probe.store.release(probe.key, late, true);
    await probe.store.release(probe.key, late, false);
    await probe.commit(late, 0);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, ended);
  }),
  storeCase('another scope or secret shares the gate, never the token', async (probe) => {
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
  storeCase('another credential has a gate of its own', async (probe) => {
    const stranger = probe.keyOf('another gate', 'token');
    await probe.grant();
    const fence = await probe.grant({ minIntervalMs: longMs }, stranger);
    const ended = await probe.commit(fence, 0, 'sealed', stranger);
    await probe.pass(shortMs);
    assert.equal(await probe.readFence(), undefined);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }, stranger), 'closed', longMs, ended);
    assert.equal((await probe.claim()).value.outcome, 'wait');
    await probe.grant({ minIntervalMs: longMs }, probe.keyOf('a third gate', 'token'));
  }),
];
