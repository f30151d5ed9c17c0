import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { ClaimRequest, ClaimResult, TokenStore } from '../../src/store/token-store.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import { acquireLease, type LeaseResult } from '../../src/token/acquire-lease.ts';
import { PendingCallers } from '../../src/token/pending-callers.ts';
import { TokenCache } from '../../src/token/token-cache.ts';
import { TokenDemand } from '../../src/token/token-demand.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';
import { WaitState } from '../../src/token/wait-state.ts';
import { createPlainTokenCipher } from './plain-token-cipher.ts';

const identity = { tokenUrl: 'https://api.test/token', realm: 'acme', clientId: 'client', scope: undefined };
const { key, encrypt } = await createPlainTokenCipher(identity, 'secret');
const lifetimeMs = 300_000;
const claim: ClaimRequest = { minIntervalMs: 5_500, leaseMs: 11_000, minRemainingMs: 0 };

let clock: VirtualClock;
let events: TokenEvent[];
let cache: TokenCache;
let callers: PendingCallers;
let abort: AbortController;
let random: number;
/** The store that all processes share. */
let shared: TokenStore;
/** The claims that the client under test makes, and when. */
let claims: (ClaimRequest & { readonly at: number })[];
/** Replaces the claims of the shared store. */
let scripted: ((request: ClaimRequest) => Promise<ClaimResult>) | undefined;
let outcome: unknown;

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  cache = new TokenCache(clock, { refreshAtFraction: 0.8, expiryMarginMs: undefined }, 5_500);
  callers = new PendingCallers(clock);
  abort = new AbortController();
  random = 0.5;
  shared = memoryTokenStore({ clock });
  claims = [];
  scripted = undefined;
  outcome = 'pending';
});

function wait(maxWaitMs = 30_000, minValidityMs = 0): void {
  const options = { maxWaitMs, minValidityMs, onTimeout: () => new Error('timed out') };
  callers.wait(new Promise(() => {}), { ...options, signal: abort.signal }).catch(() => {});
}

/** Starts to acquire the lease; `outcome` becomes its result or error. */
async function acquire(): Promise<void> {
  const emitter = new TokenEventEmitter(clock, 'sandbox', 'acme');
  emitter.subscribe((event) => events.push(event));
  const recorded: TokenStore = {
    ...shared,
    claim: (storeKey, request) => {
      claims.push({ ...request, at: clock.monotonic() });
      return scripted ? scripted(request) : shared.claim(storeKey, request);
    },
  };
  const store = new EncryptedTokenStore(recorded, clock, identity, emitter, createPlainTokenCipher);
  await store.useSecret('secret');
  const context = {
    clock,
    store,
    cache,
    events: emitter,
    waitState: new WaitState('a test'),
    random: () => random,
    timeoutMs: 10_000,
    minIntervalMs: 5_500,
  };
  const demand = new TokenDemand('missing', callers, abort.signal, cache);
  acquireLease(context, demand).then(
    (result) => {
      outcome = result;
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await settleMicrotasks();
}

/** Acquires the lease for a caller, in as much time as it takes. */
async function acquired(): Promise<LeaseResult> {
  await acquire();
  while (outcome === 'pending' && clock.nextWakeMs !== undefined) await clock.advance(clock.nextWakeMs);
  return outcome as LeaseResult;
}

/** The claim of another process; its fence. */
async function claimElsewhere(request: Partial<ClaimRequest> = {}): Promise<number> {
  const result = await shared.claim(key, { ...claim, ...request });
  return result.outcome === 'granted' ? result.fence : Number.NaN;
}

/** Another process stores a token; its fence. */
async function storeElsewhere(value: string, remainingMs = lifetimeMs): Promise<number> {
  const fence = await claimElsewhere();
  await shared.commit(key, { ciphertext: await encrypt({ value, lifetimeMs }), remainingMs, fence });
  return fence;
}

describe('a claim that is granted', () => {
  test('returns the fence and the end of the lease: the timeout and a second', async () => {
    wait();
    await acquire();
    const now = readTimestamp(clock);
    expect(outcome).toEqual({ outcome: 'granted', lease: { fence: expect.any(Number), endsAt: addMs(now, 11_000) } });
    expect(claims).toEqual([{ ...claim, knownFence: undefined, at: 0 }]);
    expect(events).toEqual([]);
  });

  test('counts the lease from before the claim', async () => {
    wait();
    scripted = async (request) => {
      const result = await shared.claim(key, request);
      await clock.sleep(200);
      return result;
    };
    const askedAt = readTimestamp(clock);
    expect(await acquired()).toMatchObject({ outcome: 'granted', lease: { endsAt: addMs(askedAt, 11_000) } });
    expect(clock.monotonic()).toBe(200);
  });

  test('has no fence when the store fails', async () => {
    wait();
    scripted = () => Promise.reject(new Error('broken'));
    expect(await acquired()).toMatchObject({ outcome: 'granted', lease: undefined });
  });
});

describe('a token in the store', () => {
  test('is returned, with the time before the claim', async () => {
    wait();
    const fence = await storeElsewhere('token');
    await clock.advance(1_000);
    await acquire();
    const askedAt = readTimestamp(clock);
    const token = { value: 'token', lifetimeMs, fence, expiresAt: addMs(askedAt, 299_000) };
    expect(outcome).toEqual({ outcome: 'found', token, askedAt });
  });

  test('is not found when the cache holds or has dropped it', async () => {
    wait();
    const fence = await storeElsewhere('token');
    cache.put({ value: 'token', from: 'store', lifetimeMs, expiresAt: addMs(readTimestamp(clock), lifetimeMs), fence });
    cache.reject(createAccessToken('token', 0, 1));
    await clock.advance(5_500);
    expect(await acquired()).toMatchObject({ outcome: 'granted' });
    expect(claims).toMatchObject([{ knownFence: fence }]);
  });

  test('is not returned when it is shorter than the longest minValidityMs of the callers', async () => {
    wait(30_000, 200_000);
    wait();
    await storeElsewhere('token', 200_000);
    await clock.advance(5_500);
    expect(await acquired()).toMatchObject({ outcome: 'granted' });
    expect(claims).toMatchObject([{ minRemainingMs: 200_000 }]);
  });

  test('is not returned when it expires before the held one', async () => {
    await storeElsewhere('shared', 240_000);
    cache.put({
      value: 'held',
      from: 'endpoint',
      lifetimeMs,
      expiresAt: addMs(readTimestamp(clock), 250_000),
      fence: undefined,
    });
    await clock.advance(6_000);
    expect(await acquired()).toMatchObject({ outcome: 'granted' });
    expect(claims).toMatchObject([{ minRemainingMs: 244_000 }]);
  });
});

describe('a useless token in the store', () => {
  test('is skipped by a second claim when the API has rejected it', async () => {
    wait();
    const fence = await storeElsewhere('token');
    cache.reject(createAccessToken('token', 0, 1));
    await clock.advance(5_500);
    const result = await acquired();
    expect(claims).toMatchObject([{ knownFence: undefined }, { knownFence: fence }]);
    expect(result).toMatchObject({ outcome: 'granted', lease: { fence: expect.any(Number) } });
    expect(result.outcome === 'granted' && result.lease?.fence).toBeGreaterThan(fence);
  });

  test('is skipped by a second claim within the margin before its end', async () => {
    wait();
    const fence = await storeElsewhere('token', 15_500);
    await clock.advance(5_500);
    expect(await acquired()).toMatchObject({ outcome: 'granted', lease: { fence: expect.any(Number) } });
    expect(claims).toMatchObject([{ knownFence: undefined }, { knownFence: fence }]);
  });

  test('is skipped by a second claim when it cannot be decrypted', async () => {
    wait();
    const other = await createPlainTokenCipher(identity, 'another secret');
    const fence = await claimElsewhere();
    const ciphertext = await other.encrypt({ value: 'token', lifetimeMs });
    await shared.commit(key, { ciphertext, remainingMs: lifetimeMs, fence });
    await clock.advance(5_500);
    expect(await acquired()).toMatchObject({ outcome: 'granted', lease: { fence: expect.any(Number) } });
    expect(claims).toMatchObject([{ knownFence: undefined }, { knownFence: fence }]);
  });

  test('does not open a closed gate', async () => {
    wait();
    await storeElsewhere('token');
    cache.reject(createAccessToken('token', 0, 1));
    await acquire();
    expect(outcome).toEqual({ outcome: 'closed', until: addMs(readTimestamp(clock), 5_500) });
  });

  test('counts as a failure of the store when it is returned three times in a row', async () => {
    wait();
    const ciphertext = await encrypt({ value: 'token', lifetimeMs });
    cache.reject(createAccessToken('token', 0, 1));
    scripted = async () => ({ outcome: 'found', token: { ciphertext, remainingMs: lifetimeMs, fence: 7 } });
    expect(await acquired()).toMatchObject({ outcome: 'granted', lease: undefined });
    expect(claims).toHaveLength(3);
    expect(clock.monotonic()).toBe(0);
    expect(events).toMatchObject([
      {
        type: 'store_failed',
        operation: 'claim',
        reason: 'returned 3 unusable tokens in a row',
        timedOut: false,
      },
    ]);
  });
});

describe('a closed gate', () => {
  test('returns when it opens, without a wait or an event', async () => {
    wait();
    await shared.release(key, await claimElsewhere(), true);
    await clock.advance(1_000);
    await acquire();
    expect(outcome).toEqual({ outcome: 'closed', until: addMs(readTimestamp(clock), 4_500) });
    expect(clock.sleeping).toBe(callers.count);
    expect(events).toEqual([]);
  });

  test.each([0, -1, 4.9])('opens in 5 ms at the earliest when the store reports %d ms', async (waitMs) => {
    wait();
    scripted = async () => ({ outcome: 'wait', waitMs, because: 'closed' });
    await acquire();
    expect(outcome).toEqual({ outcome: 'closed', until: addMs(readTimestamp(clock), 5) });
  });
});

describe('a lease of another process', () => {
  test('is polled at growing intervals until its token is stored, with one waiting event', async () => {
    wait();
    const fence = await claimElsewhere();
    await acquire();
    expect(events).toEqual([
      { at: clock.now(), environment: 'sandbox', realm: 'acme', type: 'waiting', for: 'other_process' },
    ]);
    await clock.advance(4_000);
    const ciphertext = await encrypt({ value: 'token', lifetimeMs });
    await shared.commit(key, { ciphertext, remainingMs: lifetimeMs, fence });
    await clock.advance(550);
    expect(outcome).toMatchObject({ outcome: 'found', token: { value: 'token' } });
    expect(claims.map(({ at }) => at)).toEqual([0, 50, 150, 350, 750, 1_550, 2_550, 3_550, 4_550]);
    expect(events).toHaveLength(1);
  });

  test.each([
    [0, 37.5],
    [1, 62.5],
  ])('is polled with a jitter of a quarter: random %d', async (value, firstPollMs) => {
    wait();
    random = value;
    await claimElsewhere();
    await acquire();
    expect(clock.nextWakeMs).toBe(firstPollMs);
  });

  test('is polled no later than at its end, after which the gate is closed', async () => {
    wait();
    await claimElsewhere({ leaseMs: 120 });
    expect(await acquired()).toEqual({ outcome: 'closed', until: addMs(readTimestamp(clock), 5_500) });
    expect(claims.map(({ at }) => at)).toEqual([0, 50, 120]);
  });

  test('is granted at the next poll when its holder has sent nothing', async () => {
    wait();
    const fence = await claimElsewhere();
    await acquire();
    await shared.release(key, fence, false);
    await clock.advance(50);
    expect(outcome).toMatchObject({ outcome: 'granted' });
  });

  test('is not polled without a pause when the store reports 0 ms', async () => {
    wait();
    scripted = async () => ({ outcome: 'wait', waitMs: 0, because: 'held' });
    await acquire();
    expect(clock.nextWakeMs).toBe(5);
  });

  test('is not waited for when no caller waits any more', async () => {
    await claimElsewhere();
    await acquire();
    expect(outcome).toMatchObject({
      code: 'token_request_throttled',
      message: expect.stringContaining('another client of the same store'),
    });
    expect(clock.sleeping).toBe(0);
  });

  test('is polled by a refresh without callers until the held token expires', async () => {
    const expiresAt = addMs(readTimestamp(clock), 12_000);
    cache.put({ value: 'held', from: 'endpoint', lifetimeMs, expiresAt, fence: undefined });
    await claimElsewhere();
    expect(await acquired()).toMatchObject({ code: 'token_request_throttled' });
    expect(clock.monotonic()).toBe(2_550);
  });

  test('is not polled after an abort', async () => {
    wait();
    await claimElsewhere();
    await acquire();
    const reason = new Error('aborted');
    abort.abort(reason);
    await settleMicrotasks();
    expect(outcome).toBe(reason);
    expect(clock.sleeping).toBe(0);
  });
});
