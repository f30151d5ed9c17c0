import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

/** Names that file systems, key separators, patterns, prototypes or Unicode normalisation can confuse. */
const oddNames = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'ä',
  'a\u0308',
  'a:b',
  'a::b',
  'a/b',
  '../a',
  'a\\b',
  'a%2fb',
  '{a}',
  '*',
  'a\n',
].concat(['__proto__', 'constructor', 'a\u0000b', '鍵🔑', 'a'.repeat(300), 'a'.repeat(301)]);

/** Reading, writing and removing tokens. */
export const tokenCases = [
  storeCase('an empty store returns no token and accepts reports about unknown fences', async (probe) => {
    const { store, key } = probe;
    assert.equal(await store.read(key), undefined);
    await store.remove(key, 1);
    await store.release(key, 1, false);
    assert.equal(await store.read(key), undefined);
    await probe.grant({ minIntervalMs: longMs });
  }),
  storeCase('a token is visible to other processes exactly as it was committed', async (probe) => {
    const { fence, committed } = await probe.put(longMs, probe.key, 'ciphertext');
    const { value, from, to } = await probe.time(() => probe.other.read(probe.key));
    assert.ok(value, 'the token is missing');
    assert.equal(value.ciphertext, 'ciphertext');
    assert.equal(value.fence, fence);
    probe.expectBetween(value.remainingMs, committed.from + longMs - to, committed.to + longMs - from);
  }),
  storeCase('the remaining lifetime decreases as time passes', async (probe) => {
    const { committed } = await probe.put(longMs);
    for (let look = 0; look < 3; look++) {
      await probe.pass(shortMs);
      const { value, from, to } = await probe.time(() => probe.store.read(probe.key));
      probe.expectBetween(value?.remainingMs ?? 0, committed.from + longMs - to, committed.to + longMs - from);
    }
  }),
  storeCase('an expired token is neither read nor found by a claim', async (probe) => {
    await probe.put(shortMs);
    await probe.pass(shortMs);
    assert.equal(await probe.store.read(probe.key), undefined);
    assert.equal(await probe.other.read(probe.key), undefined);
    await probe.grant();
  }),
  storeCase('every lifetime up to a day is kept, including zero and fractions of a millisecond', async (probe) => {
    for (const remainingMs of [0, 0.4, 1, 60_000.5, 86_400_000]) {
      const key = probe.keyOf('gate', `token of ${remainingMs} ms`);
      const { committed } = await probe.put(remainingMs, key);
      if (remainingMs <= 1) await probe.pass(remainingMs);
      const { value, from, to } = await probe.time(() => probe.store.read(key));
      if (remainingMs <= 1) assert.equal(value, undefined);
      else if (value)
        probe.expectBetween(value.remainingMs, committed.from + remainingMs - to, committed.to + remainingMs - from);
      else assert.fail(`a token that lives ${remainingMs} ms was lost`);
    }
  }),
  storeCase('a newer token replaces an older one', async (probe) => {
    await probe.put(longMs, probe.key, 'old');
    await probe.put(longMs, probe.key, 'new');
    assert.equal((await probe.other.read(probe.key))?.ciphertext, 'new');
  }),
  storeCase('a token is removed only with its own fence, for all processes', async (probe) => {
    const { fence } = await probe.put();
    await probe.other.remove(probe.key, fence - 1);
    await probe.other.remove(probe.key, fence + 1);
    assert.equal(await probe.readFence(), fence);
    await probe.other.remove(probe.key, fence);
    assert.equal(await probe.readFence(), undefined);
    await probe.grant();
  }),
  storeCase('removing a token neither opens the gate nor ends a claim', async (probe) => {
    const { fence, committed } = await probe.put();
    await probe.store.remove(probe.key, fence);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, committed);
    const claim = await probe.time(() => probe.grant());
    await probe.store.remove(probe.key, claim.value);
    probe.expectWait(await probe.claim(), 'held', longMs, claim);
  }),
  storeCase('a ciphertext is stored unchanged: empty, long, with line ends, NUL and any script', async (probe) => {
    const values = ['', ' ', '\n', 'a\r\nb\u0000c', '"\'\\', '{"a":1}', 'nil', 'ключ 鍵 🔑', 'x'.repeat(65_536)];
    for (const [index, ciphertext] of values.entries()) {
      const key = probe.keyOf('gate', `token ${index}`);
      await probe.put(longMs, key, ciphertext);
      assert.equal((await probe.other.read(key))?.ciphertext, ciphertext);
      const { value } = await probe.claim({}, key, probe.other);
      assert.equal(value.outcome === 'found' && value.token.ciphertext, ciphertext);
    }
  }),
  storeCase('similar and unusual keys are not confused', async (probe) => {
    // One half of each key is unique to this run, so that the other half can be used as it is.
    const { gate, token } = probe.key;
    const keys = oddNames.flatMap((name) => [
      { gate: name, token },
      { gate, token: name },
    ]);
    for (const [index, key] of keys.entries()) await probe.put(longMs, key, `ciphertext ${index}`);
    for (const [index, key] of keys.entries()) {
      assert.equal((await probe.other.read(key))?.ciphertext, `ciphertext ${index}`, `wrong token for key ${index}`);
    }
  }),
  storeCase('keys are not confused when gate and token, joined together, are the same string', async (probe) => {
    const pairs = [':', '/', '.', '-', ''].flatMap((sign) => [
      { gate: `gate${sign}b`, token: `c${sign}token` },
      { gate: 'gate', token: `b${sign}c${sign}token` },
    ]);
    const { gate: before, token: after } = probe.keyOf('', '');
    const keys = pairs.map(({ gate, token }) => ({ gate: before + gate, token: token + after }));
    for (const [index, key] of keys.entries()) {
      await probe.commit(1, longMs, `ciphertext ${index}`, key);
    }
    for (const [index, key] of keys.entries())
      assert.equal((await probe.store.read(key))?.ciphertext, `ciphertext ${index}`);
  }),
  storeCase('two hundred credentials can be used at once', async (probe) => {
    const keys = Array.from({ length: 200 }, (_, index) => probe.keyOf(`gate ${index}`, `token ${index}`));
    await Promise.all(keys.map((key, index) => probe.put(longMs, key, `ciphertext ${index}`)));
    const tokens = await Promise.all(keys.map((key) => probe.other.read(key)));
    assert.deepEqual(
      tokens.map((token) => token?.ciphertext),
      keys.map((_, index) => `ciphertext ${index}`),
    );
  }),
];
