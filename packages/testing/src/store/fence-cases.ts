import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

const hourMs = 3_600_000;

/** Fences: late writers and lost data. */
export const fenceCases = [
  storeCase('fences only grow, whatever becomes of claims, tokens and the wall clock', async (probe) => {
    let last = 0;
    const grow = async () => {
      const fence = await probe.grant({ leaseMs: shortMs, knownFence: await probe.readFence() });
      assert.ok(fence > last, `${fence} does not follow ${last}`);
      last = fence;
      return fence;
    };
    // Clocks show fractions, fences must not.
    await probe.pass(0.5);
    await probe.commit(await grow());
    await probe.store.remove(probe.key, await grow());
    await probe.pass(shortMs);
    await probe.store.release(probe.key, await grow(), true);
    await probe.store.release(probe.key, await grow(), false);
    await probe.commit(await grow(), shortMs);
    await probe.pass(shortMs);
    for (const stepMs of [-hourMs, 2 * hourMs, -hourMs]) {
      await probe.stepWallClock(stepMs);
      await probe.commit(await grow());
    }
  }),
  storeCase('a late writer does not overwrite a newer token', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    const { fence } = await probe.put(longMs, probe.key, 'new');
    assert.equal((await probe.commit(late, longMs, 'late')).value, false);
    assert.equal((await probe.other.read(probe.key))?.sealed, 'new');
    assert.equal(await probe.readFence(), fence);
  }),
  storeCase('a late writer brings nothing back once the newer token has ended or was removed', async (probe) => {
    for (const isRemoved of [true, false]) {
      const late = await probe.grant({ leaseMs: shortMs });
      await probe.pass(shortMs);
      const { fence } = await probe.put(isRemoved ? longMs : shortMs);
      if (isRemoved) await probe.store.remove(probe.key, fence);
      else await probe.pass(shortMs);
      assert.equal((await probe.commit(late)).value, false);
      assert.equal(await probe.readFence(), undefined);
      await probe.store.release(probe.key, await probe.grant(), true);
    }
  }),
  storeCase('a late writer is refused for the whole gate, and its refusal changes nothing', async (probe) => {
    const sibling = probe.keyOf('gate', 'another token');
    const late = await probe.grant({ leaseMs: shortMs }, sibling);
    await probe.pass(shortMs);
    const { committed } = await probe.put();
    await probe.pass(shortMs);
    assert.equal((await probe.commit(late, longMs, 'late', sibling)).value, false);
    assert.equal(await probe.readFence(sibling), undefined);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }, sibling), 'closed', longMs, committed);
  }),
  storeCase('a late token is kept while nobody has written a newer one', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    assert.equal((await probe.commit(late, longMs, 'late')).value, true);
    assert.equal((await probe.other.read(probe.key))?.sealed, 'late');
    // Kept also while somebody else is asking already; that claim then has the last word.
    const sooner = await probe.grant({ leaseMs: shortMs, knownFence: late });
    await probe.pass(shortMs);
    const last = await probe.grant({ knownFence: late });
    assert.equal((await probe.commit(sooner, longMs, 'sooner')).value, true);
    assert.equal(await probe.readFence(), sooner);
    assert.equal((await probe.commit(last, longMs, 'last')).value, true);
    assert.equal(await probe.readFence(), last);
  }),
  storeCase('a commit that is repeated is accepted again, since its answer may have been lost', async (probe) => {
    const { fence } = await probe.put();
    assert.equal((await probe.commit(fence, longMs, 'again')).value, true);
    assert.equal((await probe.store.read(probe.key))?.sealed, 'again');
    assert.equal((await probe.claim()).value.outcome, 'found');
  }),
  storeCase('after the store has lost its data, fences go on growing', async (probe) => {
    const last = await probe.grant();
    await probe.commit(last);
    const after = await probe.loseData();
    assert.equal(await after.store.read(probe.key), undefined);
    const next = await after.grant({}, probe.key);
    assert.ok(next > last, `${next} does not follow ${last}, which was before the loss`);
  }),
  storeCase('after the store has lost its data, what a holder brings is kept, and closes the gate', async (probe) => {
    const committed = await probe.grant();
    const failed = await probe.grant({}, probe.keyOf('another gate', 'token'));
    const after = await probe.loseData();
    const keys = { committed: probe.key, failed: probe.keyOf('another gate', 'token') };
    const commit = await after.commit(committed, longMs, 'sealed', keys.committed);
    assert.equal(commit.value, true);
    assert.equal(await after.readFence(keys.committed, after.other), committed);
    const request = { knownFence: committed, minIntervalMs: longMs };
    after.expectWait(await after.claim(request, keys.committed), 'closed', longMs, commit);
    const release = await after.time(() => after.other.release(keys.failed, failed, true));
    after.expectWait(await after.claim(request, keys.failed), 'closed', longMs, release);
  }),
  storeCase('after the store has lost its data, fences grow beyond all that it is told of', async (probe) => {
    const after = await probe.loseData();
    // From a store whose clock was ahead.
    const fence = (await after.grant({}, probe.key)) + 1_000_000;
    assert.equal((await after.commit(fence, longMs, 'sealed', probe.key)).value, true);
    const next = await after.grant({ knownFence: fence }, probe.key);
    assert.ok(next > fence, `${next} does not follow ${fence}`);
    assert.equal((await after.commit(next, longMs, 'next', probe.key)).value, true);
  }),
];
