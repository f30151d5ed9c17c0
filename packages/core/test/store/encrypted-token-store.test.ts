import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import { maxClaimMs } from '../../src/store/claim-record.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { ClaimRequest, TokenStore } from '../../src/store/token-store.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';

const identity = { tokenUrl: 'https://a.example/token', realm: 'acme', clientId: 'id', scope: undefined };
const request: ClaimRequest = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };
const content = { value: 'planted-token', lifetimeMs: 300_000 };
/** The outcome of a claim whose store has failed. */
const onItsOwn = { outcome: 'granted', fence: undefined };

type StoreFailure = TokenEvent & { readonly type: 'store_failed' };

/** Creates an encrypted store over a memory store, some of whose methods are replaced. */
async function create(replaced: Partial<TokenStore> | ((store: TokenStore) => Partial<TokenStore>) = {}) {
  const clock = new VirtualClock();
  const store = memoryTokenStore({ clock });
  const failures: StoreFailure[] = [];
  const events = new TokenEventEmitter(clock, 'sandbox', 'acme');
  events.subscribe((event) => event.type === 'store_failed' && failures.push(event));
  const methods = typeof replaced === 'function' ? replaced(store) : replaced;
  const tokens = new EncryptedTokenStore({ ...store, ...methods }, clock, identity, events);
  await tokens.useSecret('planted-secret');
  const commit = async (fence = 1, lifetimeMs = content.lifetimeMs) => {
    tokens.commit(fence, content, addMs(readTimestamp(clock), lifetimeMs));
    await tokens.flush();
  };
  const summary = () => failures.map(({ operation, timedOut }) => `${operation} ${timedOut ? 'timed out' : 'failed'}`);
  return { tokens, clock, store, failures, summary, commit };
}

describe('a token', () => {
  test('is read as it was written, with the lifetime that the store reports', async () => {
    const { tokens, clock, commit } = await create();
    const expiresAt = addMs(readTimestamp(clock), 300_000);
    await commit();
    await clock.advance(1_000);
    expect(await tokens.read()).toEqual({ ...content, fence: 1, expiresAt });
    expect(await tokens.claim(request)).toMatchObject({ outcome: 'found', fence: 1, token: { value: content.value } });
  });

  test('is stored encrypted', async () => {
    const written: unknown[] = [];
    const { commit } = await create({ commit: async (...given) => void written.push(given) });
    await commit();
    expect(JSON.stringify(written)).toMatch(/"ciphertext":"[\da-f]{100,}"/);
    expect(JSON.stringify(written)).not.toMatch(/planted|acme|example/);
  });

  test.each(['read', 'claim'] as const)('does not live longer because a %s is slow', async (operation) => {
    const slow: Awaited<ReturnType<typeof create>> = await create((store) => ({
      [operation]: async (...given: unknown[]) => {
        const result = await (store[operation] as (...args: unknown[]) => Promise<unknown>)(...given);
        await slow.clock.advance(100);
        return result;
      },
    }));
    const expiresAt = addMs(readTimestamp(slow.clock), 1_000);
    await slow.commit(1, 1_000);
    const found = await (operation === 'read' ? slow.tokens.read() : slow.tokens.claim(request));
    expect(found).toMatchObject(operation === 'read' ? { expiresAt } : { token: { expiresAt } });
  });

  test('is written without the time that its encryption takes', async () => {
    const written: number[] = [];
    const { tokens, clock } = await create({ commit: async (_, { remainingMs }) => void written.push(remainingMs) });
    tokens.commit(1, content, addMs(readTimestamp(clock), 1_000));
    clock.standStill(100);
    await tokens.flush();
    tokens.commit(1, content, addMs(readTimestamp(clock), -5));
    await tokens.flush();
    expect(written).toEqual([900, 0]);
  });

  test.each<[string, Partial<ClaimRequest>]>([
    ['is known', { knownFence: 1 }],
    ['has too short a life', { minRemainingMs: 300_000 }],
  ])('that %s is not found by a claim, which is granted', async (_, wanted) => {
    const { tokens, clock, commit } = await create();
    await commit();
    await clock.advance(request.minIntervalMs);
    expect(await tokens.claim({ ...request, ...wanted })).toMatchObject({ outcome: 'granted' });
  });

  test('cannot be read with another secret', async () => {
    const { tokens, commit } = await create();
    await commit();
    await tokens.useSecret('another');
    expect(await tokens.read()).toBeUndefined();
    await tokens.useSecret('planted-secret');
    expect(await tokens.read()).toMatchObject({ value: content.value });
  });

  test('that cannot be decrypted is found without its content, so that the claimant knows its fence', async () => {
    const { tokens } = await create({
      claim: async () => ({ outcome: 'found', token: { ciphertext: 'garbage', fence: 7, remainingMs: 1_000 } }),
    });
    expect(await tokens.claim(request)).toEqual({ outcome: 'found', fence: 7, token: undefined });
  });
});

describe('writes', () => {
  test('reach the store one after the other, in order', async () => {
    const log: string[] = [];
    const finish: (() => void)[] = [];
    const write =
      (name: string) =>
      (...given: unknown[]) => {
        log.push(`${name} ${given.slice(1).map((each) => (each as { fence?: number }).fence ?? each)}`);
        return new Promise<void>((resolve) => finish.push(resolve));
      };
    const { tokens, clock } = await create({
      commit: write('commit'),
      release: write('release'),
      remove: write('remove'),
    });
    tokens.commit(5, content, addMs(readTimestamp(clock), 1_000));
    tokens.remove(5);
    tokens.release(6, false);
    tokens.release(7, true);
    const order = ['commit 5', 'remove 5', 'release 6,false', 'release 7,true'];
    for (let written = 1; written <= order.length; written++) {
      await vi.waitFor(() => expect(log).toEqual(order.slice(0, written)));
      await settleMicrotasks();
      expect(log).toHaveLength(written);
      finish[written - 1]?.();
    }
    await tokens.flush();
  });

  test.each(['read', 'claim'] as const)('are complete before a %s', async (operation) => {
    const log: string[] = [];
    const { tokens } = await create((store) => ({
      remove: async () => void log.push('remove'),
      read: (key) => {
        log.push('read');
        return store.read(key);
      },
      claim: (...given) => {
        log.push('claim');
        return store.claim(...given);
      },
    }));
    tokens.remove(1);
    await (operation === 'read' ? tokens.read() : tokens.claim(request));
    expect(log).toEqual(['remove', operation]);
  });

  test('continue after one that has failed', async () => {
    const { tokens, summary } = await create({
      remove: async () => {
        throw new Error('away');
      },
    });
    tokens.remove(1);
    tokens.release(2, true);
    await tokens.flush();
    expect(summary()).toEqual(['remove failed']);
  });

  test('use the secret that was current when they were made', async () => {
    const { tokens, commit } = await create();
    const written = commit();
    await tokens.useSecret('another');
    await written;
    expect(await tokens.read()).toBeUndefined();
    await tokens.useSecret('planted-secret');
    expect(await tokens.read()).toMatchObject({ value: content.value });
  });

  test('without a fence do not reach the store', async () => {
    const write = vi.fn(async () => {});
    const { tokens, clock } = await create({ commit: write, release: write, remove: write });
    tokens.commit(undefined, content, addMs(readTimestamp(clock), 1_000));
    tokens.release(undefined, true);
    tokens.remove(undefined);
    await tokens.flush();
    expect(write).not.toHaveBeenCalled();
  });
});

describe('an invalid result of the store', () => {
  const invalid = [undefined, null, 0, 'text', {}, [], { outcome: 'wait' }, { outcome: 'wait', waitMs: Number.NaN }];

  test.each([
    ...invalid,
    { outcome: 'wait', waitMs: Number.POSITIVE_INFINITY, because: 'closed' },
    { outcome: 'wait', waitMs: maxClaimMs + 1, because: 'closed' },
    { outcome: 'wait', waitMs: 31_536_000_000, because: 'held' },
    { outcome: 'wait', waitMs: 'soon', because: 'held' },
    { outcome: 'wait', waitMs: undefined, because: 'held' },
    { outcome: 'found' },
    { outcome: 'found', token: null },
  ])('of a claim is a failure: %j', async (result) => {
    const { tokens, summary } = await create({ claim: async () => result as never });
    expect(await tokens.claim(request)).toEqual(onItsOwn);
    expect(summary()).toEqual(['claim failed']);
  });

  test('of a claim is not the longest wait that a client may ask for', async () => {
    const { tokens, summary } = await create({
      claim: async () => ({ outcome: 'wait', waitMs: maxClaimMs, because: 'closed' }),
    });
    expect(await tokens.claim(request)).toMatchObject({ outcome: 'wait', waitMs: maxClaimMs });
    expect(summary()).toEqual([]);
  });

  test('of a claim reports the wait that is too long', async () => {
    const { tokens, failures } = await create({
      claim: async () => ({ outcome: 'wait', waitMs: 31_536_000_000, because: 'closed' }),
    });
    await tokens.claim(request);
    expect(failures).toMatchObject([{ reason: 'The store reported a wait of 31536000000 ms.', timedOut: false }]);
  });

  test('of a claim that is none reports so', async () => {
    const { tokens, failures } = await create({ claim: async () => ({ outcome: 'perhaps' }) as never });
    await tokens.claim(request);
    expect(failures).toMatchObject([{ operation: 'claim', reason: 'The store returned no claim result.' }]);
  });

  test('of a read is a ciphertext of a megabyte, which is not even decrypted', async () => {
    const { tokens } = await create({
      read: async () => ({ ciphertext: '0'.repeat(1_000_000), remainingMs: 1_000, fence: 1 }),
    });
    expect(await tokens.read()).toBeUndefined();
  });

  test.each(invalid)('of a read is no token: %j', async (result) => {
    const { tokens } = await create({ read: async () => result as never });
    expect(await tokens.read()).toBeUndefined();
  });

  test.each([Number.NaN, undefined, null, 'soon', -5])(
    'never makes a token usable: remainingMs %j',
    async (remainingMs) => {
      const { tokens, commit } = await create((store) => ({
        read: async (key) => ({ ...(await store.read(key)), remainingMs }) as never,
      }));
      await commit();
      expect(await tokens.read()).toBeUndefined();
    },
  );

  test('never makes a token live longer than its whole lifetime', async () => {
    const { tokens, clock, commit } = await create((store) => ({
      read: async (key) => ({ ...(await store.read(key)), remainingMs: Number.POSITIVE_INFINITY }) as never,
    }));
    await commit();
    expect(await tokens.read()).toMatchObject({ expiresAt: addMs(readTimestamp(clock), 300_000) });
  });
});

const operations: [string, (tokens: EncryptedTokenStore) => Promise<unknown>][] = [
  ['read', (tokens) => tokens.read()],
  ['claim', (tokens) => tokens.claim(request)],
  [
    'commit',
    (tokens) => {
      tokens.commit(1, content, { wall: Number.MAX_SAFE_INTEGER, monotonic: Number.MAX_SAFE_INTEGER });
      return tokens.flush();
    },
  ],
  [
    'release',
    (tokens) => {
      tokens.release(1, true);
      return tokens.flush();
    },
  ],
  [
    'remove',
    (tokens) => {
      tokens.remove(1);
      return tokens.flush();
    },
  ],
];

describe('a store that does not respond', () => {
  test.each(operations)('is a failure of a %s after 250 ms, reported once', async (operation, run) => {
    let isCalled = false;
    const { tokens, clock, failures } = await create({
      [operation]: () => {
        isCalled = true;
        return new Promise(() => {});
      },
    });
    let isSettled = false;
    run(tokens).then(() => {
      isSettled = true;
    });
    await vi.waitFor(() => expect(isCalled).toBe(true));
    await clock.advance(249);
    expect(isSettled).toBe(false);
    await clock.advance(1);
    await settleMicrotasks();
    expect(isSettled).toBe(true);
    expect(failures).toMatchObject([{ operation, reason: 'no response within 250 ms', timedOut: true }]);
    expect(clock.sleeping).toBe(0);
  });

  test.each(operations)('is no failure of a %s when the event loop was blocked', async (operation, run) => {
    let respond: (() => void) | undefined;
    const { tokens, clock, failures } = await create({
      [operation]: () =>
        new Promise((resolve) => {
          respond = () => resolve(undefined as never);
        }),
    });
    const running = run(tokens);
    await vi.waitFor(() => expect(respond).toBeDefined());
    // The timer is due at the same moment as the response, and fires before it is processed.
    clock.standStill(1_000);
    let turns = 0;
    await clock.advance(0, async () => {
      if (turns++ === 1) respond?.();
      await settleMicrotasks();
    });
    await running;
    // No claim result is a failure, but not a timeout.
    expect(failures.map((failure) => failure.timedOut)).toEqual(operation === 'claim' ? [false] : []);
  });

  test('is no failure when the event loop of the runtime was blocked for longer than the timeout', async () => {
    const failures: unknown[] = [];
    const events = new TokenEventEmitter(systemClock, 'sandbox', 'acme');
    events.subscribe((event) => failures.push(event));
    const store = {
      ...memoryTokenStore(),
      read: () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
    };
    const tokens = new EncryptedTokenStore(store, systemClock, identity, events);
    await tokens.useSecret('planted-secret');
    const reading = tokens.read();
    await Promise.resolve();
    await Promise.resolve();
    const end = performance.now() + 400;
    while (performance.now() < end);
    expect(await reading).toBeUndefined();
    expect(failures).toEqual([]);
  });

  test('and grants after the timeout gets its grant released', async () => {
    const released: unknown[] = [];
    let grant = () => {};
    const { tokens, clock, summary } = await create({
      claim: () =>
        new Promise((resolve) => {
          grant = () => resolve({ outcome: 'granted', fence: 7 });
        }),
      release: async (_, ...given) => void released.push(...given),
    });
    const claim = tokens.claim(request);
    await settleMicrotasks();
    await clock.advance(250);
    expect(await claim).toEqual(onItsOwn);
    grant();
    await settleMicrotasks();
    await tokens.flush();
    expect(released).toEqual([7, true]);
    expect(summary()).toEqual(['claim timed out']);
  });

  test('and fails after the timeout is reported once', async () => {
    let fail = () => {};
    const { tokens, clock, summary } = await create({
      read: () =>
        new Promise((_, reject) => {
          fail = () => reject(new Error('away'));
        }),
    });
    const reading = tokens.read();
    await settleMicrotasks();
    await clock.advance(250);
    expect(await reading).toBeUndefined();
    fail();
    await settleMicrotasks();
    expect(summary()).toEqual(['read timed out']);
  });
});

describe('a store that fails', () => {
  test.each(operations)('in a %s, by throwing or rejecting, is reported and never an error', async (operation, run) => {
    const fails = [
      () => {
        throw new Error('away');
      },
      async () => {
        throw new Error('away');
      },
    ];
    for (const fail of fails) {
      const { tokens, failures } = await create({ [operation]: fail });
      await run(tokens);
      expect(failures).toMatchObject([{ operation, reason: 'away', timedOut: false }]);
    }
  });

  test.each<[string, unknown, string]>([
    ['its code', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [
      'the code in its message',
      new Error("NOPERM this user has no permissions to run the 'evalsha' command"),
      'NOPERM',
    ],
    ['its message in one line', new Error('the disk\nis \u202efull'), 'the disk is full'],
    ['its message without the secret', new Error('AUTH with planted-secret failed'), 'AUTH'],
    ['its message without a secret in it', new Error('cannot use planted-secret'), 'cannot use [redacted]'],
    ['its message without credentials', new Error('sent Bearer planted-bearer-token-1234'), 'sent Bearer [redacted]'],
    ['its name when it has no message', new RangeError(), 'RangeError'],
    ['unknown when it rejects with nothing', undefined, 'unknown'],
  ])('is reported with %s', async (_, thrown, reason) => {
    const { tokens, failures } = await create({ read: () => Promise.reject(thrown) });
    await tokens.read();
    expect(failures).toMatchObject([{ type: 'store_failed', operation: 'read', reason, timedOut: false }]);
  });
});

test('without WebCrypto nothing is shared, nothing fails, and the reason is reported once', async () => {
  const clock = new VirtualClock();
  const events = new TokenEventEmitter(clock, 'sandbox', 'acme');
  const failures: unknown[] = [];
  events.subscribe((event) => failures.push(event));
  const noCrypto = async () => {
    throw new TypeError('crypto.subtle is undefined');
  };
  const tokens = new EncryptedTokenStore(memoryTokenStore({ clock }), clock, identity, events, noCrypto);
  await tokens.useSecret('planted-secret');
  await tokens.useSecret('planted-secret');
  tokens.commit(1, content, addMs(readTimestamp(clock), 1_000));
  expect(await tokens.read()).toBeUndefined();
  expect(await tokens.claim(request)).toEqual(onItsOwn);
  expect(failures).toMatchObject([
    { type: 'store_failed', operation: 'encrypt', reason: 'crypto.subtle is undefined', timedOut: false },
  ]);
});

test('writes that hang do not make a claim wait for longer than its own 250 ms', async () => {
  const hanging = () => new Promise<never>(() => {});
  const { tokens, clock, summary } = await create({ commit: hanging, remove: hanging });
  tokens.commit(1, content, addMs(readTimestamp(clock), 1_000));
  tokens.remove(1);
  const claim = tokens.claim(request);
  await clock.advance(250);
  expect(await claim).toEqual(onItsOwn);
  expect(summary()).toContain('claim timed out');
});
