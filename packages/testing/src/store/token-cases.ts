import assert from 'node:assert/strict';
import { longMs, shortMs, storeCase } from './store-probe.ts';

const hourMs = 3_600_000;

/** What file systems, key separators, patterns, prototypes and Unicode can stumble over. */
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
  storeCase('where nothing is, nothing is found, and what is said of it harms nothing', async (probe) => {
    const { store, key } = probe;
    assert.equal(await store.read(key), undefined);
    await store.remove(key, 1);
    await store.release(key, 1, false);
    assert.equal(await store.read(key), undefined);
    await probe.grant({ minIntervalMs: longMs });
  }),
  storeCase('a token that one process has written is there for the others, as it was written', async (probe) => {
    const { fence, committed } = await probe.put(longMs, probe.key, 'sealed');
    const { value, from, to } = await probe.time(() => probe.other.read(probe.key));
    assert.ok(value, 'the token must be there');
    assert.equal(value.sealed, 'sealed');
    assert.equal(value.fence, fence);
    probe.expectBetween(value.remainingMs, committed.from + longMs - to, committed.to + longMs - from);
  }),
  storeCase('a remaining lifetime shrinks as time passes', async (probe) => {
    const { committed } = await probe.put(longMs);
    for (let look = 0; look < 3; look++) {
      await probe.pass(shortMs);
      const { value, from, to } = await probe.time(() => probe.store.read(probe.key));
      probe.expectBetween(value?.remainingMs ?? 0, committed.from + longMs - to, committed.to + longMs - from);
    }
  }),
  storeCase('a token that has ended is not there, neither to read nor for a claim', async (probe) => {
    await probe.put(shortMs);
    await probe.pass(shortMs);
    assert.equal(await probe.store.read(probe.key), undefined);
    assert.equal(await probe.other.read(probe.key), undefined);
    await probe.grant();
  }),
  storeCase('a wall clock that is stepped makes no token, lease or gate longer or shorter', async (probe) => {
    const keys = [-1, 1].map((sign) => ({ sign, key: probe.keyOf(`gate${sign}`, 'token') }));
    for (const { sign, key } of keys) {
      const { committed } = await probe.put(longMs, key);
      await probe.stepWallClock(sign * hourMs);
      const { value, from, to } = await probe.time(() => probe.other.read(key));
      probe.expectBetween(value?.remainingMs ?? 0, committed.from + longMs - to, committed.to + longMs - from);
      const request = { knownFence: value?.fence };
      probe.expectWait(await probe.claim({ ...request, minIntervalMs: longMs }, key), 'closed', longMs, committed);
      const claim = await probe.time(() => probe.grant(request, key));
      await probe.stepWallClock(sign * hourMs);
      probe.expectWait(await probe.claim(request, key), 'held', longMs, claim);
    }
  }),
  storeCase('any lifetime is kept: tiny, fractional, longer than anyone lives', async (probe) => {
    for (const remainingMs of [0, 0.4, 1, 60_000.5, 86_400_000, 3e12]) {
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
  storeCase('the newer token takes the place of the older', async (probe) => {
    await probe.put(longMs, probe.key, 'old');
    await probe.put(longMs, probe.key, 'new');
    assert.equal((await probe.other.read(probe.key))?.sealed, 'new');
  }),
  storeCase('a token is removed only under its own fence, for everyone', async (probe) => {
    const { fence } = await probe.put();
    await probe.other.remove(probe.key, fence - 1);
    await probe.other.remove(probe.key, fence + 1);
    assert.equal(await probe.readFence(), fence);
    await probe.other.remove(probe.key, fence);
    assert.equal(await probe.readFence(), undefined);
    await probe.grant();
  }),
  storeCase('removing a token opens no gate and ends no claim', async (probe) => {
    const { fence, committed } = await probe.put();
    await probe.store.remove(probe.key, fence);
    probe.expectWait(await probe.claim({ minIntervalMs: longMs }), 'closed', longMs, committed);
    const claim = await probe.time(() => probe.grant());
    await probe.store.remove(probe.key, claim.value);
    probe.expectWait(await probe.claim(), 'held', longMs, claim);
  }),
  storeCase(
    'whatever is sealed comes back as it was: empty, long, with line ends, NUL and every script',
    async (probe) => {
      const values = ['', ' ', '\n', 'a\r\nb\u0000c', '"\'\\', '{"a":1}', 'nil', 'ключ 鍵 🔑', 'x'.repeat(65_536)];
      for (const [index, sealed] of values.entries()) {
        const key = probe.keyOf('gate', `token ${index}`);
        await probe.put(longMs, key, sealed);
        assert.equal((await probe.other.read(key))?.sealed, sealed);
        const { value } = await probe.claim({}, key, probe.other);
        assert.equal(value.outcome === 'found' && value.token.sealed, sealed);
      }
    },
  ),
  storeCase('no two keys are taken for one, however alike or odd they are', async (probe) => {
    // Half a key is this run's own, so that the other half can be exactly what it is.
    const { gate, token } = probe.key;
    const keys = oddNames.flatMap((name) => [
      { gate: name, token },
      { gate, token: name },
    ]);
    for (const [index, key] of keys.entries()) await probe.put(longMs, key, `sealed ${index}`);
    for (const [index, key] of keys.entries()) {
      assert.equal((await probe.other.read(key))?.sealed, `sealed ${index}`, `wrong token for key ${index}`);
    }
  }),
  storeCase('a pair of keys is a place of its own, wherever gate ends and token begins', async (probe) => {
    const pairs = [':', '/', '.', '-', ''].flatMap((sign) => [
      { gate: `gate${sign}b`, token: `c${sign}token` },
      { gate: 'gate', token: `b${sign}c${sign}token` },
    ]);
    const { gate: before, token: after } = probe.keyOf('', '');
    const keys = pairs.map(({ gate, token }) => ({ gate: before + gate, token: token + after }));
    for (const [index, key] of keys.entries()) {
      await probe.commit(1, longMs, `sealed ${index}`, key);
    }
    for (const [index, key] of keys.entries()) assert.equal((await probe.store.read(key))?.sealed, `sealed ${index}`);
  }),
  storeCase('two hundred credentials at once get on with each other', async (probe) => {
    const keys = Array.from({ length: 200 }, (_, index) => probe.keyOf(`gate ${index}`, `token ${index}`));
    await Promise.all(keys.map((key, index) => probe.put(longMs, key, `sealed ${index}`)));
    const tokens = await Promise.all(keys.map((key) => probe.other.read(key)));
    assert.deepEqual(
      tokens.map((token) => token?.sealed),
      keys.map((_, index) => `sealed ${index}`),
    );
  }),
];
