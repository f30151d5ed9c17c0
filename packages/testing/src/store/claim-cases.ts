import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

/** Who may make the next token request, and who is answered with a token instead. */
export const claimCases = [
  storeCase('of a hundred claims at once, one is granted; the others hear that somebody asks', async (probe) => {
    const handles = [probe.store, probe.other];
    const { value: answers, ...during } = await probe.time(() =>
      Promise.all(Array.from({ length: 100 }, (_, index) => probe.claim({}, probe.key, handles[index % 2]))),
    );
    const losers = answers.filter(({ value }) => value.outcome !== 'granted');
    assert.equal(answers.length - losers.length, 1, 'claims granted at once');
    for (const loser of losers) probe.expectWait(loser, 'held', longMs, { ...during, value: undefined });
  }),
  storeCase('in every round of many claims at once, one is granted, with or without an interval', async (probe) => {
    const handles = [probe.store, probe.other];
    for (const minIntervalMs of [0, shortMs, 0]) {
      await probe.pass(shortMs);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => probe.claim({ minIntervalMs }, probe.key, handles[index % 2])),
      );
      const fences = answers.flatMap(({ value }) => (value.outcome === 'granted' ? [value.fence] : []));
      assert.equal(fences.length, 1, 'claims granted at once');
      for (const fence of fences) await probe.store.release(probe.key, fence, true);
    }
  }),
  storeCase('an open claim is held for everyone, its own holder included, until its lease ends', async (probe) => {
    const claim = await probe.time(() => probe.grant());
    for (const handle of [probe.store, probe.other]) {
      probe.expectWait(await probe.claim({}, probe.key, handle), 'held', longMs, claim);
      await probe.pass(shortMs);
    }
    // What the asker wants for itself changes nothing about somebody else's lease.
    probe.expectWait(await probe.claim({ leaseMs: shortMs, minIntervalMs: 2 * longMs }), 'held', longMs, claim);
  }),
  storeCase('a holder that dies loses the claim by time', async (probe) => {
    const { from } = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    await probe.pass(shortMs);
    const { to } = await probe.time(() => probe.grant());
    probe.expectBetween(to - from, shortMs, Number.POSITIVE_INFINITY);
  }),
  storeCase('nobody is granted a claim before the holder’s lease has ended', async (probe) => {
    const claim = await probe.time(() => probe.grant({ leaseMs: shortMs }));
    const next = await probe.grantAfterWaiting({});
    probe.expectBetween(next.to - claim.from, shortMs, Number.POSITIVE_INFINITY);
  }),
  storeCase('a claim finds the token that somebody has written meanwhile', async (probe) => {
    const { fence, committed } = await probe.put(longMs, probe.key, 'sealed');
    const { value, from, to } = await probe.claim({ minIntervalMs: longMs }, probe.key, probe.other);
    assert.ok(value.outcome === 'found', `expected the token, got ${JSON.stringify(value)}`);
    assert.equal(value.token.sealed, 'sealed');
    assert.equal(value.token.fence, fence);
    probe.expectBetween(value.token.remainingMs, committed.from + longMs - to, committed.to + longMs - from);
  }),
  storeCase('a claim is never answered with the token that is to be replaced', async (probe) => {
    const { fence } = await probe.put();
    assert.equal((await probe.claim({ knownFence: fence - 1 })).value.outcome, 'found');
    assert.equal((await probe.claim({ knownFence: fence + 1 })).value.outcome, 'found');
    const next = await probe.grant({ knownFence: fence });
    assert.equal((await probe.claim({ knownFence: fence })).value.outcome, 'wait');
    await probe.commit(next);
    const { value } = await probe.claim({ knownFence: fence });
    assert.equal(value.outcome === 'found' && value.token.fence, next);
  }),
  storeCase('a claim is never answered with a token that is about to end', async (probe) => {
    await probe.put(longMs);
    assert.equal((await probe.claim({ minRemainingMs: longMs / 2 })).value.outcome, 'found');
    await probe.grant({ minRemainingMs: longMs });
  }),
  storeCase('a refresh under way keeps nobody from the token that is still good', async (probe) => {
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
  storeCase('only its holder ends a claim', async (probe) => {
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
      // Asks past the late token, which is good enough to be found.
      probe.expectWait(await probe.claim({ knownFence: late }), 'held', longMs, claim);
    }
    await probe.store.release(probe.key, claim.value, false);
    await probe.grant({ knownFence: late });
  }),
];
