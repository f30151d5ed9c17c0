import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

/** Fences, late commits and lost data. */
export const fenceCases = [
  storeCase('fences only increase, whatever happens to claims and tokens', async (probe) => {
    let last = 0;
    const next = async () => {
      const fence = await probe.grant({ leaseMs: shortMs, knownFence: await probe.readFence() });
      assert.ok(fence > last, `${fence} must be above ${last}`);
      last = fence;
      return fence;
    };
    // Clocks show fractions of a millisecond, and a fence is an integer.
    await probe.pass(0.5);
    await probe.commit(await next());
    await probe.store.remove(probe.key, await next());
    await probe.pass(shortMs);
    await probe.store.release(probe.key, await next(), true);
    await probe.store.release(probe.key, await next(), false);
    await probe.commit(await next(), shortMs);
    await probe.pass(shortMs);
    await probe.commit(await next());
  }),
  storeCase('a grant has a higher fence than the known token, in this and all later grants', async (probe) => {
    const knownFence = (await probe.grant()) + 1_000_000;
    await probe.store.release(probe.key, knownFence - 1_000_000, true);
    const fence = await probe.grant({ knownFence });
    assert.ok(fence > knownFence, `${fence} must be above the known fence ${knownFence}`);
    await probe.store.release(probe.key, fence, true);
    const next = await probe.grant();
    assert.ok(next > fence, `${next} must be above ${fence}`);
  }),
  storeCase('a late commit does not overwrite a newer token', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    const { fence } = await probe.put(longMs, probe.key, 'new');
    await probe.commit(late, longMs, 'late');
    assert.equal((await probe.other.read(probe.key))?.ciphertext, 'new');
    assert.equal(await probe.readFence(), fence);
  }),
  storeCase('a late commit stores nothing after the newer token has expired or was removed', async (probe) => {
    for (const isRemoved of [true, false]) {
      const late = await probe.grant({ leaseMs: shortMs });
      await probe.pass(shortMs);
      const { fence } = await probe.put(isRemoved ? longMs : shortMs);
      if (isRemoved) await probe.store.remove(probe.key, fence);
      else await probe.pass(shortMs);
      await probe.commit(late);
      assert.equal(await probe.readFence(), undefined);
      await probe.store.release(probe.key, await probe.grant(), true);
    }
  }),
  storeCase('a late commit is refused for all tokens of the gate, and changes nothing', async (probe) => {
    const sibling = probe.keyOf('gate', 'another token');
    const late = await probe.grant({ leaseMs: shortMs }, sibling);
    await probe.pass(shortMs);
    const { committed } = await probe.put();
    await probe.pass(shortMs);
    await probe.commit(late, longMs, 'late', sibling);
    assert.equal(await probe.readFence(sibling), undefined);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }, sibling), 'closed', longMs, committed);
  }),
  storeCase('a late token is kept if no newer one has been committed', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    await probe.commit(late, longMs, 'late');
    assert.equal((await probe.other.read(probe.key))?.ciphertext, 'late');
    // It is also kept while a newer claim is open. The token of that claim then replaces it.
    const sooner = await probe.grant({ leaseMs: shortMs, knownFence: late });
    await probe.pass(shortMs);
    const last = await probe.grant({ knownFence: late });
    await probe.commit(sooner, longMs, 'sooner');
    assert.equal(await probe.readFence(), sooner);
    await probe.commit(last, longMs, 'last');
    assert.equal(await probe.readFence(), last);
  }),
  storeCase('a repeated commit is accepted, because the response to the first may have been lost', async (probe) => {
    const { fence } = await probe.put();
    await probe.commit(fence, longMs, 'again');
    assert.equal((await probe.store.read(probe.key))?.ciphertext, 'again');
    assert.equal((await probe.claim()).value.outcome, 'found');
  }),
  storeCase('after a loss of data, fences continue to increase', async (probe) => {
    const last = await probe.grant();
    await probe.commit(last);
    const after = await probe.loseData();
    assert.equal(await after.store.read(probe.key), undefined);
    const next = await after.grant({}, probe.key);
    assert.ok(next > last, `${next} must be above ${last}, which was granted before the loss`);
  }),
  storeCase('after a loss of data, reports about earlier claims are accepted and close the gate', async (probe) => {
    const committed = await probe.grant();
    const failed = await probe.grant({}, probe.keyOf('another gate', 'token'));
    const after = await probe.loseData();
    const keys = { committed: probe.key, failed: probe.keyOf('another gate', 'token') };
    const commit = await after.commit(committed, longMs, 'ciphertext', keys.committed);
    assert.equal(await after.readFence(keys.committed, after.other), committed);
    const request = { knownFence: committed, minIntervalMs: longMs };
    after.expectWait(await after.claim(request, keys.committed), 'closed', longMs, commit);
    const release = await after.time(() => after.other.release(keys.failed, failed, true));
    after.expectWait(await after.claim(request, keys.failed), 'closed', longMs, release);
  }),
  storeCase('after a loss of data, fences increase beyond every fence that is committed', async (probe) => {
    const after = await probe.loseData();
    // Granted before the loss by a store whose clock was ahead.
    const fence = (await after.grant({}, probe.key)) + 1_000_000;
    await after.commit(fence, 0, 'ciphertext', probe.key);
    const next = await after.grant({}, probe.key);
    assert.ok(next > fence, `${next} must be above ${fence}`);
    await after.commit(next, longMs, 'next', probe.key);
    assert.equal(await after.readFence(probe.key), next);
  }),
];
