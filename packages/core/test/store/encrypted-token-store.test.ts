import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { TokenStore } from '../../src/store/token-store.ts';
import { TokenVault, type VaultNeed } from '../../src/store/token-vault.ts';

const identity = { tokenUrl: 'https://a.example/token', realm: 'acme', clientId: 'id', scope: undefined };
const terms = { minIntervalMs: 5_500, leaseMs: 11_000 };
const content = { value: 'token', lifetimeMs: 300_000 };
const anyToken: VaultNeed = { knownFence: undefined, minRemainingMs: 0, isUseful: () => true };
const onItsOwn = { outcome: 'granted', fence: undefined };

async function openVault(flaws: Partial<TokenStore> | ((store: TokenStore) => Partial<TokenStore>) = {}) {
  const clock = new VirtualClock();
  const store = memoryTokenStore({ clock });
  const flawed = typeof flaws === 'function' ? flaws(store) : flaws;
  const failures: string[] = [];
  const bound = {
    read: store.read.bind(store),
    claim: store.claim.bind(store),
    commit: store.commit.bind(store),
    release: store.release.bind(store),
    remove: store.remove.bind(store),
  };
  const vault = new TokenVault({ ...bound, ...flawed }, clock, identity, (operation, timedOut) =>
    failures.push(`${operation} ${timedOut ? 'timed out' : 'failed'}`),
  );
  await vault.useSecret('secret');
  return { vault, clock, store, failures };
}

describe('a token in the vault', () => {
  test('comes out as it went in, for as long as the store says', async () => {
    const { vault, clock } = await openVault();
    await vault.commit(1, content, 300_000);
    await clock.advance(1_000);
    expect(await vault.read(anyToken)).toEqual({ ...content, fence: 1, endsAt: 300_000 });
    expect(await vault.claim(anyToken, terms)).toMatchObject({ outcome: 'found', token: { value: 'token' } });
  });

  test.each(['read', 'claim'] as const)(
    'does not live longer because the store is slow to answer a %s',
    async (operation) => {
      const { vault, clock, store } = await openVault();
      await vault.commit(1, content, 1_000);
      const answer = store[operation].bind(store) as (...args: unknown[]) => Promise<unknown>;
      const slow = await openVault({
        [operation]: async (...args: unknown[]) => {
          const result = await answer(...args);
          await slow.clock.advance(100);
          return result;
        },
      });
      expect(clock.monotonic()).toBe(0);
      const found = await (operation === 'read' ? slow.vault.read(anyToken) : slow.vault.claim(anyToken, terms));
      expect(found).toMatchObject(operation === 'read' ? { endsAt: 1_000 } : { token: { endsAt: 1_000 } });
    },
  );

  test.each<[string, Partial<VaultNeed>]>([
    ['is known', { knownFence: 1 }],
    ['is too short', { minRemainingMs: 300_000 }],
    ['was refused', { isUseful: ({ value }) => value !== 'token' }],
  ])('that %s is not handed out, and does not stand in the way of a new one', async (_, need) => {
    const { vault, clock } = await openVault();
    await vault.commit(1, content, 300_000);
    await clock.advance(terms.minIntervalMs);
    expect(await vault.read({ ...anyToken, ...need })).toBeUndefined();
    expect(await vault.claim({ ...anyToken, ...need }, terms)).toMatchObject({ outcome: 'granted' });
  });

  test('cannot be opened with another secret, so that no old one lives on after a rotation', async () => {
    const { vault } = await openVault();
    await vault.commit(1, content, 300_000);
    await vault.useSecret('another');
    expect(await vault.read(anyToken)).toBeUndefined();
    await vault.useSecret('secret');
    expect(await vault.read(anyToken)).toMatchObject({ value: 'token' });
  });
});

describe('a store that answers nonsense disturbs nobody', () => {
  const nonsense = [undefined, null, 0, 'text', {}, [], { outcome: 'wait' }, { outcome: 'wait', waitMs: Number.NaN }];

  test.each([
    ...nonsense,
    { outcome: 'wait', waitMs: Number.POSITIVE_INFINITY, because: 'closed' },
    { outcome: 'wait', waitMs: '5', because: 'held' },
    { outcome: 'found' },
    { outcome: 'found', token: null },
    { outcome: 'found', token: { sealed: 5 } },
  ])('to a claim: %j', async (answer) => {
    const { vault, failures } = await openVault({ claim: async () => answer as never });
    expect(await vault.claim(anyToken, terms)).toEqual(onItsOwn);
    expect(failures).toEqual(['claim failed']);
  });

  test.each(nonsense)('to a read: %j', async (answer) => {
    const { vault } = await openVault({ read: async () => answer as never });
    expect(await vault.read(anyToken)).toBeUndefined();
  });

  test.each([Number.NaN, undefined, null, 'soon'])('about the life of a token: %j', async (remainingMs) => {
    const { vault } = await openVault((store) => ({
      read: async (key) => ({ ...(await store.read(key)), remainingMs }) as never,
    }));
    await vault.commit(1, content, 300_000);
    expect(await vault.read(anyToken)).toBeUndefined();
  });

  test('about the life of a token, which no store can make longer', async () => {
    const { vault } = await openVault((store) => ({
      read: async (key) => ({ ...(await store.read(key)), remainingMs: Number.POSITIVE_INFINITY }) as never,
    }));
    await vault.commit(1, content, 300_000);
    expect(await vault.read(anyToken)).toMatchObject({ endsAt: 300_000 });
  });

  test('by insisting on a token that is of no use', async () => {
    let claims = 0;
    const { vault, failures } = await openVault((store) => ({
      claim: async (key) => {
        claims++;
        return { outcome: 'found', token: (await store.read(key)) as never };
      },
    }));
    await vault.commit(1, content, 300_000);
    expect(await vault.claim({ ...anyToken, knownFence: 1 }, terms)).toEqual(onItsOwn);
    expect(claims).toBeLessThan(5);
    expect(failures).toEqual(['claim failed']);
  });
});

describe('a store that fails or hangs', () => {
  const operations: [string, (vault: TokenVault) => Promise<unknown>][] = [
    ['read', (vault) => vault.read(anyToken)],
    ['claim', (vault) => vault.claim(anyToken, terms)],
    ['commit', (vault) => vault.commit(1, content, 1_000)],
    ['release', (vault) => vault.release(1, true)],
    ['remove', (vault) => vault.remove(1)],
  ];

  test.each(operations)('costs a %s no more than 250 ms, and says so once', async (operation, run) => {
    const { vault, clock, failures } = await openVault({ [operation]: () => new Promise(() => {}) });
    let settled = false;
    run(vault).then(() => {
      settled = true;
    });
    await settleMicrotasks();
    await clock.advance(249);
    expect(settled).toBe(false);
    await clock.advance(1);
    await settleMicrotasks();
    expect([settled, failures]).toEqual([true, [`${operation} timed out`]]);
    expect(clock.nextWakeMs).toBeUndefined();
  });

  test.each(operations)('is not blamed for a %s when it was this process that stood still', async (operation, run) => {
    let answer: (() => void) | undefined;
    const { vault, clock, failures } = await openVault({
      [operation]: () =>
        new Promise((resolve) => {
          answer = () => resolve(undefined as never);
        }),
    });
    const running = run(vault);
    while (!answer) await settleMicrotasks();
    // A second without a processor: the timer is overdue, and the answer, which has long been there, is seen after it.
    clock.standStill(1_000);
    let turns = 0;
    await clock.advance(0, async () => {
      if (turns++ === 1) answer?.();
      await settleMicrotasks();
    });
    await running;
    // An answer of nothing is no answer to a claim, but it was not late.
    expect(failures).toEqual(operation === 'claim' ? ['claim failed'] : []);
  });

  test.each(operations)('makes a %s that throws or rejects a failure that is told, not an error', async (name, run) => {
    for (const fail of [
      () => {
        throw new Error('away');
      },
      async () => {
        throw new Error('away');
      },
    ]) {
      const { vault, failures } = await openVault({ [name]: fail });
      await run(vault);
      expect(failures).toEqual([`${name} failed`]);
    }
  });

  test('and grants when nobody waits any more gets its grant back, so that others need not wait for it', async () => {
    const released: unknown[] = [];
    let grant = () => {};
    const { vault, clock, failures } = await openVault({
      claim: () =>
        new Promise((resolve) => {
          grant = () => resolve({ outcome: 'granted', fence: 7 });
        }),
      release: async (_, ...rest) => void released.push(...rest),
    });
    const claim = vault.claim(anyToken, terms);
    await settleMicrotasks();
    await clock.advance(250);
    expect(await claim).toEqual(onItsOwn);
    grant();
    await settleMicrotasks();
    expect(released).toEqual([7, true]);
    expect(failures).toEqual(['claim timed out']);
  });
});

test('without WebCrypto nothing is shared, but nothing fails either', async () => {
  const clock = new VirtualClock();
  const failures: string[] = [];
  const noCrypto = async () => {
    throw new TypeError('crypto.subtle is undefined');
  };
  const store = memoryTokenStore({ clock });
  const vault = new TokenVault(store, clock, identity, (operation) => failures.push(operation), noCrypto);
  await vault.useSecret('secret');
  await vault.useSecret('secret');
  await vault.commit(1, content, 1_000);
  expect(await vault.read(anyToken)).toBeUndefined();
  expect(await vault.claim(anyToken, terms)).toEqual(onItsOwn);
  expect(failures).toEqual(['seal']);
});
