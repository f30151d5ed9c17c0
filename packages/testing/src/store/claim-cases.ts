import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

/** Which claims are granted, which find a token, and which have to wait. */
export const claimCases = [
  storeCase('of a hundred concurrent claims one is granted, and the others wait for it', async (probe) => {
    const handles = [probe.store, probe.other];
    const { value: results, ...during } = await probe.time(() =>
      Promise.all(Array.from({ length: 100 }, (_, index) => probe.claim({}, probe.key, handles[index % 2]))),
    );
    const waiting = results.filter(({ value }) => value.outcome !== 'granted');
    assert.equal(results.length - waiting.length, 1, 'granted claims');
    for (const result of waiting) probe.expectWait(result, 'held', longMs, { ...during, value: undefined });
  }),
  storeCase('in each round of concurrent claims one is granted, with and without an interval', async (probe) => {
    const handles = [probe.store, probe.other];
    for (const minIntervalMs of [0, shortMs, 0]) {
      await probe.pass(shortMs);
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => probe.claim({ minIntervalMs }, probe.key, handles[index % 2])),
      );
      const fences = results.flatMap(({ value }) => (value.outcome === 'granted' ? [value.fence] : []));
      assert.equal(fences.length, 1, 'granted claims');
      for (const fence of fences) await probe.store.release(probe.key, fence, true);
    }
  }),
  storeCase('an open claim is held for everyone, including its own holder, until its lease ends', async (probe) => {
    const claim = await probe.time(() => probe.grant());
    for (const handle of [probe.store, probe.other]) {
      probe.expectWait(await probe.claim({}, probe.key, handle), 'held', longMs, claim);
      await probe.pass(shortMs);
    }
    // The claimant's own interval and lease do not change the open one.
    probe.expectWait(await probe.claim({ leaseMs: shortMs, minIntervalMs: 2 * longMs }), 'held', longMs, claim);
  }),
  storeCase('a holder that dies loses the claim when its lease ends', async (probe) => {
    const { from } = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    const { to } = await probe.time(() => probe.grant());
    probe.expectBetween(to - from, shortMs, Number.POSITIVE_INFINITY);
  }),
  storeCase('no claim is granted before the lease of the holder ends', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    const next = await probe.grantAfterWaiting({});
    probe.expectBetween(next.to - claim.from, shortMs, Number.POSITIVE_INFINITY);
  }),
  storeCase('a claim finds a token that another process has committed', async (probe) => {
    const { fence, committed } = await probe.put(longMs, probe.key, 'ciphertext');
    const { value, from, to } = await probe.claim({ minIntervalMs: longMs }, probe.key, probe.other);
    assert.ok(value.outcome === 'found', `expected the token, got ${JSON.stringify(value)}`);
    assert.equal(value.token.ciphertext, 'ciphertext');
    assert.equal(value.token.fence, fence);
    probe.expectBetween(value.token.remainingMs, committed.from + longMs - to, committed.to + longMs - from);
  }),
  storeCase('a claim never returns the token that the claimant wants to replace', async (probe) => {
    const { fence } = await probe.put();
    assert.equal((await probe.claim({ knownFence: fence - 1 })).value.outcome, 'found');
    const next = await probe.grant({ knownFence: fence });
    assert.equal((await probe.claim({ knownFence: fence })).value.outcome, 'wait');
    await probe.commit(next);
    const { value } = await probe.claim({ knownFence: fence });
    assert.equal(value.outcome === 'found' && value.token.fence, next);
  }),
  storeCase('a claim never returns a token that is older than the known one', async (probe) => {
    const { fence } = await probe.put();
    // The claimant got its token while the store was unavailable, or before the store lost its data.
    const knownFence = fence + 1_000;
    const next = await probe.time(() => probe.grant({ knownFence }));
    probe.expectWait(await probe.claim({ knownFence }, probe.key, probe.other), 'held', longMs, next);
    await probe.store.release(probe.key, next.value, false);
    assert.equal(await probe.readFence(), fence);
  }),
  storeCase('a claim never returns a token that is about to expire', async (probe) => {
    await probe.put(longMs);
    assert.equal((await probe.claim({ minRemainingMs: longMs / 2 })).value.outcome, 'found');
    await probe.grant({ minRemainingMs: longMs });
  }),
  storeCase('an open claim does not prevent others from finding a valid token', async (probe) => {
    const { fence } = await probe.put();
    await probe.grant({ knownFence: fence });
    const { value } = await probe.claim({ minIntervalMs: longMs }, probe.key, probe.other);
    assert.equal(value.outcome === 'found' && value.token.fence, fence);
    assert.equal(await probe.readFence(), fence);
  }),
  storeCase('finding a token claims nothing', async (probe) => {
    const { fence } = await probe.put();
    await probe.claim({}, probe.key, probe.other);
    await probe.grant({ knownFence: fence });
  }),
  storeCase('only its holder can end a claim', async (probe) => {
    const late = await probe.grant({ leaseMs: shortMs });
    await probe.pass(shortMs);
    const claim = await probe.time(() => probe.grant());
    const reports = [
      () => probe.store.release(probe.key, late, true),
      () => probe.other.release(probe.key, late, false),
      () => probe.store.release(probe.key, claim.value - 1, false),
      () => probe.other.release(probe.key, claim.value + 1, false),
      () => probe.commit(late),
    ];
    for (const report of reports) {
      await report();
      // With the late fence as the known one, because the late token would be found otherwise.
      probe.expectWait(await probe.claim({ knownFence: late }), 'held', longMs, claim);
    }
    await probe.store.release(probe.key, claim.value, false);
    await probe.grant({ knownFence: late });
  }),
];
