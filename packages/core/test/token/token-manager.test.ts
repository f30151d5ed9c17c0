import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { LifecycleFixture, outcomeOf } from './lifecycle-fixture.ts';
import type { SimulatedClient } from './simulated-client.ts';

const judge = { kind: 'judge', lifetimeMs: 300_000 } as const;

/** Reports that the API has refused the held token, and requests another one. */
function rejectToken(client: SimulatedClient) {
  const [rejected] = client.returnedTokens;
  return client.getToken(rejected && { rejected });
}

/** Records unhandled rejections from now until the end of the test. */
function collectUnhandledRejections(): unknown[] {
  const unhandled: unknown[] = [];
  const record = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', record);
  onTestFinished(() => void process.off('unhandledRejection', record));
  return unhandled;
}

describe('a fresh token', () => {
  test('is returned at once, without a request and without a new promise', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const { manager } = fixture.client;
    const token = await manager.getToken();
    expect(await manager.getToken()).toBe(token);
    expect(manager.getToken()).toBe(manager.getToken());
    expect(manager.peekToken()).toBe(token);
    const reads = [vi.spyOn(fixture.clock, 'now'), vi.spyOn(fixture.clock, 'monotonic')];
    await manager.getToken();
    expect(reads.map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
    expect(fixture.sentAt).toHaveLength(1);
    expect(manager.status().state).toBe('fresh');
  });

  test('becomes stale at exactly the refresh fraction of its lifetime', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(239_999);
    expect(fixture.client.manager.status().state).toBe('fresh');
    await fixture.advance(1);
    expect(fixture.client.manager.status().state).toBe('stale');
  });

  test('counts its lifetime from before the request, so that a slow response does not lengthen it', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 4_000;
    const sentAt = fixture.clock.now();
    await fixture.fetchFirstToken();
    expect(fixture.client.returnedTokens[0]).toMatchObject({ obtainedAt: sentAt, expiresAt: sentAt + 300_000 });
    await fixture.advance(236_000);
    expect(fixture.client.manager.status().state).toBe('stale');
  });

  test.each([300_000, 10_000, 1_000, 50])(
    'is used for half of its lifetime of %d ms when the margin is longer',
    async (lifetimeMs) => {
      const fixture = new LifecycleFixture({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 600_000 } });
      await fixture.fetchFirstToken(lifetimeMs);
      await fixture.advance(lifetimeMs / 2 - 1);
      const call = fixture.client.getToken();
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
    },
  );
});

describe('a stale token', () => {
  async function staleFixture(settings = {}): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture(settings);
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    return fixture;
  }

  test('is returned at once while one refresh runs in the background', async () => {
    const fixture = await staleFixture();
    fixture.endpoint.latencyMs = 1_000;
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken());
    await fixture.settle();
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(fixture.client.manager.status()).toMatchObject({ state: 'stale', refreshing: true });
    await fixture.advance(1_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'fresh', refreshing: false });
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toEqual([0, 240_000]);
  });

  test('is also refreshed by peekToken', async () => {
    const fixture = await staleFixture();
    expect(fixture.client.manager.peekToken()?.value).toBe('token-1-of-client');
    await fixture.settle();
    expect(fixture.client.manager.peekToken()?.value).toBe('token-2-of-client');
    expect(fixture.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'stale' });
  });

  test.each([
    ['a 503', { kind: 'busy', status: 503 }],
    ['no response', { kind: 'hang' }],
    ['no connection', { kind: 'unreachable' }],
    ['a 400', { kind: 'refuse' }],
    ['wrong credentials', { kind: 'deny' }],
  ] as const)('is returned until it expires although its refresh fails: %s', async (_, treatment) => {
    const unhandled = collectUnhandledRejections();
    const fixture = await staleFixture();
    fixture.treat(treatment);
    for (let ms = 0; ms < 50_000; ms += 100) {
      const call = fixture.client.getToken();
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
      await fixture.advance(100);
    }
    expect(fixture.client.manager.status()).toMatchObject({ state: 'expired', lastError: { at: expect.any(Number) } });
    const failures = fixture.client.events.filter(({ type }) => type === 'token_request_failed');
    expect(failures[0]).toMatchObject({ stillServing: true });
    expect(fixture.sentAt.length).toBeGreaterThan(2);
    expect(unhandled).toEqual([]);
    fixture.treat(judge);
    // As long as the longest cool-down.
    await fixture.advance(60_000);
    expect(await fixture.finish(fixture.client.getToken())).toMatch(/^token-2/);
    expect(fixture.client.manager.status().lastError).toBeUndefined();
  });

  test('is returned while the secret function fails, and is refreshed when the function works again', async () => {
    const unhandled = collectUnhandledRejections();
    const fixture = await staleFixture();
    fixture.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    for (let calls = 0; calls < 20; calls++)
      expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    await fixture.advance(1_000);
    fixture.readSecret = async () => 'secret';
    fixture.client.getToken();
    await fixture.settle();
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    expect(unhandled).toEqual([]);
  });

  test('is still refreshed when the caller that started the refresh aborts', async () => {
    const fixture = await staleFixture();
    fixture.endpoint.latencyMs = 1_000;
    const abort = new AbortController();
    fixture.client.getToken({ minValidityMs: 200_000 }, abort);
    await fixture.settle();
    abort.abort(new Error('aborted'));
    await fixture.advance(1_000);
    expect(fixture.client.manager.status().state).toBe('fresh');
    expect(fixture.endpoint.log.at(-1)?.ending).toBe('issued');
  });

  test('is not refreshed after it has expired while no caller waits', async () => {
    const fixture = await staleFixture();
    fixture.treat({ kind: 'busy', status: 503 });
    fixture.client.getToken();
    await fixture.advance(600_000);
    expect(Math.max(...fixture.sentAt)).toBeLessThanOrEqual(290_000);
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('is not replaced by a token of the store that expires earlier', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken(300_000, fixture.openClient());
    await fixture.advance(20_000);
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.finish(fixture.client.getToken());
    fixture.store.fault = { kind: 'none' };
    await fixture.advance(240_000);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.client.manager.peekToken()?.value).toBe('token-3-of-client');
  });

  test('does not call the secret function for each caller during the cool-down of rejected credentials', async () => {
    const fixture = await staleFixture();
    fixture.treat({ kind: 'deny' });
    fixture.client.getToken();
    await fixture.advance(6_000);
    let reads = 0;
    fixture.readSecret = async () => {
      reads++;
      return 'secret';
    };
    for (let calls = 0; calls < 20; calls++) fixture.client.getToken();
    await fixture.settle();
    expect(reads).toBe(0);
  });

  test('is replaced by the newer token of another client, without a request', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const other = fixture.openClient();
    await fixture.finish(other.getToken());
    await fixture.advance(240_000);
    fixture.client.getToken();
    await fixture.settle();
    other.getToken();
    await fixture.settle();
    expect(await fixture.finish(other.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('an expired token', () => {
  test('is not returned within the margin before its end', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(289_999);
    fixture.treat({ kind: 'hang' });
    const served = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(served)).toBe('token-1-of-client');
    await fixture.advance(1);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('pending');
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(fixture.client.manager.status().state).toBe('expired');
  });

  test('is not taken from the store within the margin before its end', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(292_000);
    expect(await fixture.finish(fixture.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is not taken from a slow store when it expires during the read', async () => {
    const fixture = new LifecycleFixture({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 0 } });
    await fixture.fetchFirstToken();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    await fixture.advance(299_900);
    expect(await fixture.finish(fixture.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is replaced by one request, whose event has the reason expired', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(300_000);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'expired' });
  });
});

describe('single flight', () => {
  test('makes one request for ten thousand callers while no token is held', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    const calls = Array.from({ length: 10_000 }, () => fixture.client.manager.getToken());
    await fixture.settle();
    await fixture.advance(100);
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('rejects all callers with one error', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    fixture.treat({ kind: 'refuse' });
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken());
    await fixture.advance(100);
    expect(new Set(calls.map(({ outcome }) => outcome?.error)).size).toBe(1);
    expect(outcomeOf(calls[0] ?? fixture.client.getToken())).toBe('token_request_refused');
  });

  test('rejects a caller with its own reason as soon as it aborts, and no other caller', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    const abort = new AbortController();
    const other = fixture.client.getToken();
    const aborted = fixture.client.getToken(undefined, abort);
    await fixture.advance(50);
    const reason = { my: 'own reason' };
    abort.abort(reason);
    await fixture.settle();
    expect(aborted.outcome).toMatchObject({ at: 50, error: reason });
    expect(await fixture.finish(other)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('aborts the request when its last caller has aborted', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    const aborts = [new AbortController(), new AbortController()];
    for (const abort of aborts) fixture.client.getToken(undefined, abort);
    await fixture.advance(50);
    aborts[0]?.abort(new Error('aborted'));
    await fixture.settle();
    expect(fixture.endpoint.log[0]?.ending).toBeUndefined();
    aborts[1]?.abort(new Error('aborted'));
    await fixture.settle();
    expect(fixture.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 50 });
    expect(fixture.client.manager.status()).toMatchObject({ state: 'missing', refreshing: false });
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('continues the request when its last caller has timed out, so that the next caller gets the token', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 6_000 });
    fixture.treat({ kind: 'hang' });
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(6_000);
    expect(fixture.endpoint.log[0]?.ending).toBeUndefined();
    expect(fixture.client.manager.status()).toMatchObject({ state: 'missing', refreshing: true });
    await fixture.advance(4_000);
    expect(fixture.endpoint.log.map(({ ending }) => ending)).toEqual(['timeout']);
    expect(fixture.client.manager.status()).toMatchObject({ refreshing: false });
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('ends the wait of each caller after its own maxWaitMs', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 8_000 });
    fixture.treat({ kind: 'hang' });
    const first = fixture.client.getToken();
    await fixture.advance(5_000);
    const second = fixture.client.getToken();
    await fixture.advance(2_999);
    expect(outcomeOf(first)).toBe('pending');
    await fixture.advance(1);
    expect(outcomeOf(first)).toBe('token_request_timeout');
    expect(outcomeOf(second)).toBe('pending');
    expect(await fixture.finish(second)).toMatch(/^token_request_/);
    expect(second.outcome?.at).toBeLessThanOrEqual(13_000);
  });

  test('sends no second request while an aborted fetch still waits for the store', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    for (let count = 0; count < 5; count++) {
      const abort = new AbortController();
      fixture.client.getToken(undefined, abort);
      await fixture.advance(30);
      abort.abort(new Error('aborted'));
    }
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('gives later callers the token that an aborted fetch found in the store', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const other = fixture.openClient();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    const abort = new AbortController();
    other.getToken(undefined, abort);
    await fixture.advance(30);
    abort.abort(new Error('aborted'));
    const call = other.getToken();
    await fixture.advance(70);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });
});

describe('an abort', () => {
  test('before the call rejects it without a request or an event', async () => {
    const fixture = new LifecycleFixture();
    const abort = new AbortController();
    abort.abort(new Error('aborted before the call'));
    const call = fixture.client.getToken(undefined, abort);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('aborted before the call');
    expect(fixture.sentAt).toEqual([]);
    expect(fixture.client.events).toEqual([]);
  });

  test('before the rejection of a token keeps the held token', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const [rejected] = fixture.client.returnedTokens;
    const abort = new AbortController();
    abort.abort(new Error('aborted before the call'));
    fixture.client.getToken(rejected && { rejected }, abort);
    await fixture.settle();
    expect(fixture.client.manager.status().state).toBe('fresh');
  });

  test('by a listener of token_rejected rejects the call', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const [rejected] = fixture.client.returnedTokens;
    const abort = new AbortController();
    fixture.client.emitter.subscribe(
      ({ type }) => type === 'token_rejected' && abort.abort(new Error('aborted in a listener')),
    );
    const call = fixture.client.getToken(rejected && { rejected }, abort);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('aborted in a listener');
  });
});

describe('a rejected token', () => {
  test('that is held is dropped and replaced', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const call = rejectToken(fixture.client);
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(await fixture.finish(call)).toBe('token-2-of-client');
    expect(fixture.client.events.map(({ type }) => type)).toEqual([
      'token_requested',
      'token_obtained',
      'token_rejected',
      'waiting',
      'token_requested',
      'token_obtained',
    ]);
    expect(fixture.client.events[4]).toMatchObject({ why: 'rejected', attempt: 1 });
  });

  test('that is no longer held does not drop the held token: a slow API call may get its 401 late', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const [old] = fixture.client.returnedTokens;
    await fixture.advance(10_000);
    await fixture.finish(rejectToken(fixture.client));
    const call = fixture.client.getToken(old && { rejected: old });
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('is replaced once when many callers reject it at the same time', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const [rejected] = fixture.client.returnedTokens;
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken(rejected && { rejected }));
    for (const call of calls) expect(await fixture.finish(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
    expect(fixture.client.events.filter(({ type }) => type === 'token_rejected')).toHaveLength(1);
  });

  test('is replaced from the store when another client has already refreshed it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const other = fixture.openClient();
    await fixture.finish(other.getToken());
    await fixture.finish(rejectToken(other));
    const call = rejectToken(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('is removed from the store, so that no other client uses it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const call = rejectToken(fixture.client);
    await fixture.settle();
    const other = fixture.openClient();
    const second = other.getToken();
    expect(await fixture.finish(call)).toBe('token-2-of-client');
    expect(await fixture.finish(second)).toBe('token-2-of-client');
  });

  test('is removed from the store after a slow write of it has ended', async () => {
    const fixture = new LifecycleFixture();
    const open = fixture.store.open.bind(fixture.store);
    fixture.store.open = (onToken) => {
      const store = open(onToken);
      return { ...store, commit: (key, token) => fixture.clock.sleep(100).then(() => store.commit(key, token)) };
    };
    const client = fixture.openClient();
    await fixture.fetchFirstToken(300_000, client);
    const call = rejectToken(client);
    await fixture.advance(200);
    fixture.store.open = open;
    const second = fixture.openClient().getToken();
    expect(await fixture.finish(call)).toBe('token-2-of-client');
    expect(await fixture.finish(second)).toBe('token-2-of-client');
  });

  test('is not taken from a store that failed to remove it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    fixture.store.fault = { kind: 'rejecting' };
    const call = rejectToken(fixture.client);
    await fixture.settle();
    fixture.store.fault = { kind: 'none' };
    expect(await fixture.finish(call)).toBe('token-2-of-client');
  });

  test('is excluded from the next claim by its fence', async () => {
    const fixture = new LifecycleFixture();
    const open = fixture.store.open.bind(fixture.store);
    const known: unknown[] = [];
    fixture.store.open = (onToken) => {
      const store = open(onToken);
      const claim: typeof store.claim = (key, request) => {
        known.push(request.knownFence);
        return store.claim(key, request);
      };
      return { ...store, claim, remove: () => Promise.reject(new Error('the store cannot remove')) };
    };
    const client = fixture.openClient();
    await fixture.fetchFirstToken(300_000, client);
    await fixture.advance(10_000);
    await fixture.finish(rejectToken(client));
    expect(known).toEqual([undefined, expect.any(Number)]);
  });

  test('is not taken from the store after a second token was rejected', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(20_000);
    // The second token is not written to the store, which keeps the first.
    fixture.store.fault = { kind: 'rejecting' };
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-2-of-client');
    const [second, first] = fixture.client.returnedTokens;
    fixture.store.fault = { kind: 'none' };
    await fixture.advance(20_000);
    const late = fixture.client.getToken(first && { rejected: first });
    expect(await fixture.finish(late)).toBe('token-2-of-client');
    expect(await fixture.finish(fixture.client.getToken(second && { rejected: second }))).toBe('token-3-of-client');
  });

  test('is not taken from the store when it was rejected after its replacement', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    fixture.store.fault = { kind: 'rejecting' };
    fixture.treat({ kind: 'judge', lifetimeMs: 20_000 });
    fixture.client.getToken();
    await fixture.settle();
    const [first] = fixture.client.returnedTokens;
    fixture.store.fault = { kind: 'none' };
    await fixture.advance(19_000);
    const call = fixture.client.getToken(first && { rejected: first });
    expect(await fixture.finish(call)).toBe('token-3-of-client');
  });

  test('is not taken from the store by a client that has never held it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const other = fixture.openClient();
    const rejected = createAccessToken('token-1-of-client', 0, 1);
    expect(await fixture.finish(other.getToken({ rejected }))).toBe('token-2-of-client');
  });

  test('is never returned to the caller that rejected it, even when the endpoint issues it again', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, again: true });
    const call = rejectToken(fixture.client);
    const other = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_rejected');
    expect(outcomeOf(other)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('a rejection loop', () => {
  /** The API has refused the first token after more than a window, and the second one at once. */
  async function loopFixture(): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-2-of-client');
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-3-of-client');
    return fixture;
  }

  test('starts when two refreshed tokens in a row are refused: rejects with token_rejected, at once and without a request', async () => {
    const fixture = await loopFixture();
    const call = rejectToken(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token_rejected');
    expect(call.outcome?.error).toMatchObject({ retryable: true });
    expect(fixture.sentAt).toHaveLength(3);
    expect(fixture.client.events.at(-1)).toMatchObject({ type: 'token_rejected', refreshSuspended: true });
  });

  test('still returns the held token to callers that do not reject it', async () => {
    const fixture = await loopFixture();
    rejectToken(fixture.client);
    await fixture.settle();
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-3-of-client');
  });

  test('emits one event, and requests no token for one window', async () => {
    const fixture = await loopFixture();
    for (let ms = 0; ms < 5_500; ms += 500) {
      const call = rejectToken(fixture.client);
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token_rejected');
      await fixture.advance(500);
    }
    const suspended = fixture.client.events.filter(
      ({ type, ...event }) => 'refreshSuspended' in event && event.refreshSuspended,
    );
    expect(suspended).toHaveLength(1);
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-4-of-client');
  });

  test('doubles the suspension to 60 s while each refreshed token is refused', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    for (let ms = 0; ms < 400_000; ms += 100) {
      rejectToken(fixture.client);
      await fixture.advance(100);
    }
    const gaps = fixture.sentAt.slice(1).map((at, index) => at - (fixture.sentAt[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 500) * 500)).toEqual([
      10_000, 5_500, 5_500, 11_000, 22_000, 44_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('ends with the first token that is older than a window when it is refused', async () => {
    const fixture = await loopFixture();
    rejectToken(fixture.client);
    await fixture.advance(5_500);
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-4-of-client');
    await fixture.advance(5_500);
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-5-of-client');
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-6-of-client');
    const call = rejectToken(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token_rejected');
    await fixture.advance(5_500);
    // One window again, not two.
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-7-of-client');
  });

  test.each([0, 1, 2_500, 5_499, 5_500, 6_000, 11_000])(
    'is not detected when a token is revoked and its replacement %d ms later: every caller gets the next token',
    async (spacingMs) => {
      const fixture = new LifecycleFixture();
      await fixture.fetchFirstToken();
      await fixture.advance(60_000);
      const first = Array.from({ length: 10 }, () => rejectToken(fixture.client));
      for (const call of first) expect(await fixture.finish(call)).toBe('token-2-of-client');
      await fixture.advance(spacingMs);
      const second = Array.from({ length: 10 }, () => rejectToken(fixture.client));
      for (const call of second) expect(await fixture.finish(call)).toBe('token-3-of-client');
      expect(fixture.sentAt).toHaveLength(3);
    },
  );

  test('does not count the rejection of the first token, which replaced no rejected one', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-2-of-client');
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-3-of-client');
  });

  test('is also detected when the endpoint keeps issuing the refused token', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, again: true });
    for (let ms = 0; ms < 60_000; ms += 50) {
      rejectToken(fixture.client);
      await fixture.advance(50);
    }
    expect(fixture.sentAt.length).toBeLessThanOrEqual(7);
  });

  test('causes at most one token request per window, however many callers reject their token', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    for (let ms = 0; ms < 55_000; ms += 50) {
      rejectToken(fixture.client);
      await fixture.advance(50);
    }
    expect(fixture.sentAt.length).toBeLessThanOrEqual(1 + 55_000 / 5_500);
    expect(fixture.endpoint.log.every(({ ending }) => ending === 'issued')).toBe(true);
  });
});

describe('minValidityMs', () => {
  test('returns the held token when it lives long enough', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(100_000);
    const call = fixture.client.getToken({ minValidityMs: 200_000 });
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('treats a held token that expires too soon as expired, for this caller alone', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(100_001);
    fixture.endpoint.latencyMs = 100;
    const demanding = fixture.client.getToken({ minValidityMs: 200_000 });
    const modest = fixture.client.getToken();
    await fixture.settle();
    expect([outcomeOf(demanding), outcomeOf(modest)]).toEqual(['pending', 'token-1-of-client']);
    await fixture.advance(100);
    expect(outcomeOf(demanding)).toBe('token-2-of-client');
  });

  test('returns a new token of the server as it is, and requests no other one', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'judge', lifetimeMs: 60_000 });
    expect(await fixture.finish(fixture.client.getToken({ minValidityMs: 120_000 }))).toBe('token-1-of-client');
    // The second token is too short only because its response was slow.
    const slow = new LifecycleFixture();
    slow.endpoint.latencyMs = 100;
    expect(await slow.finish(slow.client.getToken({ minValidityMs: 299_950 }))).toBe('token-1-of-client');
    const again = fixture.client.getToken({ minValidityMs: 120_000 });
    await fixture.settle();
    expect(outcomeOf(again)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('requests a new token when the one in the store is too short', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(200_000);
    const other = fixture.openClient();
    expect(await fixture.finish(other.getToken({ minValidityMs: 150_000 }))).toBe('token-2-of-client');
  });

  test('requests a new token when the fetch in progress finds one in the store that is too short', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(200_000);
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    const other = fixture.openClient();
    const modest = other.getToken();
    await fixture.advance(50);
    const demanding = other.getToken({ minValidityMs: 150_000 });
    expect(await fixture.finish(modest)).toBe('token-1-of-client');
    expect(await fixture.finish(demanding)).toBe('token-2-of-client');
  });

  test('does not extend maxWaitMs after a token that was too short', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 12_000 });
    await fixture.fetchFirstToken();
    await fixture.advance(200_000);
    const other = fixture.openClient();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    const modest = other.getToken();
    await fixture.advance(50);
    fixture.treat({ kind: 'hang' });
    const demanding = other.getToken({ minValidityMs: 150_000 });
    await fixture.finish(demanding);
    expect(outcomeOf(modest)).toBe('token-1-of-client');
    expect(demanding.outcome).toMatchObject({ at: demanding.startedAt + 12_000 });
  });

  test('throws a TypeError that names the option when it is not a number of milliseconds', async () => {
    const fixture = new LifecycleFixture();
    for (const minValidityMs of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never, null as never]) {
      const call = fixture.client.getToken({ minValidityMs });
      await fixture.settle();
      expect(call.outcome?.error).toBeInstanceOf(TypeError);
      expect(outcomeOf(call)).toContain('minValidityMs');
    }
  });
});

describe('status', () => {
  test('describes a client before, during and after a failed request, without a request or a secret', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 6_000 });
    const { manager } = fixture.client;
    expect(manager.status()).toEqual({ state: 'missing', refreshing: false });
    fixture.treat({ kind: 'busy', status: 503 });
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(manager.status()).toEqual({
      state: 'missing',
      refreshing: true,
      nextRequestAllowedAt: fixture.clock.now() + 5_500,
      lastError: { code: 'token_endpoint_unavailable', at: fixture.clock.now(), retryable: true },
    });
    fixture.treat(judge);
    await fixture.finish(call);
    const now = fixture.clock.now();
    expect(manager.status()).toEqual({
      state: 'fresh',
      refreshing: false,
      obtainedAt: now,
      expiresAt: now + 300_000,
      nextRequestAllowedAt: now + 5_500,
    });
    expect(inspect(manager.status())).not.toContain('token-1');
    expect(JSON.parse(JSON.stringify(manager.status()))).toEqual(manager.status());
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('describes a closed client, without nextRequestAllowedAt', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.client.manager.close();
    expect(fixture.client.manager.status()).toEqual({ state: 'closed', refreshing: false });
  });
});

describe('close', () => {
  test.each([
    [
      'for the gate',
      async (fixture: LifecycleFixture) => {
        await fixture.fetchFirstToken();
        rejectToken(fixture.client);
      },
    ],
    [
      'for the token endpoint',
      async (fixture: LifecycleFixture) => {
        fixture.treat({ kind: 'hang' });
        fixture.client.getToken();
      },
    ],
    [
      'for the secret function',
      async (fixture: LifecycleFixture) => {
        fixture.readSecret = () => new Promise(() => {});
        fixture.client.getToken();
      },
    ],
    [
      'for the token of another client',
      async (fixture: LifecycleFixture) => {
        fixture.treat({ kind: 'hang' });
        void fixture.openClient().getToken();
        await fixture.settle();
        fixture.client.getToken();
      },
    ],
    [
      'for the backoff',
      async (fixture: LifecycleFixture) => {
        fixture.treat({ kind: 'unreachable' });
        fixture.client.getToken();
      },
    ],
  ])('rejects a caller at once that waits %s, and leaves no timer', async (_, wait) => {
    const fixture = new LifecycleFixture();
    await wait(fixture);
    await fixture.settle();
    const call = fixture.client.calls.at(-1);
    const others = fixture.clock.sleeping;
    await fixture.client.manager.close();
    expect(call && outcomeOf(call)).toBe('client_closed');
    expect(fixture.clock.sleeping).toBeLessThan(others);
    await fixture.advance(60_000);
    expect(fixture.clock.sleeping).toBe(0);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'closed', refreshing: false });
  });

  test('rejects a caller at once that waits for a store that does not respond', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'hanging' };
    const call = fixture.client.getToken();
    await fixture.settle();
    void fixture.client.manager.close();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('client_closed');
  });

  test.each([
    ['a claim', 0],
    ['a write', 100],
  ])('resolves when the store has responded to %s, so that the process may end next', async (_, ms) => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    fixture.client.getToken();
    await fixture.advance(ms);
    let isClosed = false;
    void fixture.client.manager.close().then(() => {
      isClosed = true;
    });
    await fixture.advance(99);
    expect(isClosed).toBe(false);
    // Twice as long when the claim was granted, because its lease is then released.
    await fixture.advance(101);
    expect(isClosed).toBe(true);
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('aborts the request, and releases the lease as sent', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    fixture.client.getToken();
    await fixture.advance(1_000);
    await fixture.client.manager.close();
    expect(fixture.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 1_000 });
    fixture.treat(judge);
    await fixture.finish(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 6_500]);
  });

  test('rejects every later call at once', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.client.manager.close();
    const calls = [
      fixture.client.getToken(),
      rejectToken(fixture.client),
      fixture.client.getToken({ minValidityMs: 1 }),
    ];
    await fixture.settle();
    expect(calls.map(outcomeOf)).toEqual(['client_closed', 'client_closed', 'client_closed']);
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('has no effect the second time, and can be called before any token was requested', async () => {
    const fixture = new LifecycleFixture();
    await Promise.all([fixture.client.manager.close(), fixture.client.manager.close()]);
    const closedError = await fixture.client.manager.getToken().catch((error: unknown) => error);
    expect(closedError).toHaveProperty('message', expect.stringMatching(/^The instellix client for .+ is closed\./));
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
    // The same error again, and not one of the second close.
    await expect(fixture.client.manager.getToken()).rejects.toBe(closedError);
  });

  test('during a background refresh leaves no timer and no unhandled rejection', async () => {
    const unhandled = collectUnhandledRejections();
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    fixture.treat({ kind: 'hang' });
    fixture.client.getToken();
    await fixture.settle();
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
    await fixture.settle();
    expect(unhandled).toEqual([]);
  });

  test('takes effect when a listener calls it during any event', async () => {
    for (const type of ['token_requested', 'token_obtained', 'waiting', 'token_rejected'] as const) {
      const fixture = new LifecycleFixture();
      if (type === 'waiting' || type === 'token_rejected') await fixture.fetchFirstToken();
      fixture.client.emitter.subscribe((event) => {
        if (event.type === type) void fixture.client.manager.close();
      });
      const call = rejectToken(fixture.client);
      expect(await fixture.finish(call)).toBe('client_closed');
      expect(fixture.client.manager.status()).toEqual({ state: 'closed', refreshing: false });
      expect(fixture.client.manager.peekToken()).toBeUndefined();
      expect(fixture.clock.sleeping).toBe(0);
    }
  });
});

describe('events', () => {
  test('report each request and each token in order, with the reason', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    fixture.client.getToken();
    await fixture.advance(100);
    const details = fixture.client.events.map(({ at, environment, realm, ...rest }: TokenEvent) => rest);
    expect(details).toEqual([
      { type: 'token_requested', why: 'missing', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
      { type: 'token_requested', why: 'stale', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
    ]);
  });

  test('include lifetime_assumed when the response has no lifetime', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, lifetimeAssumed: true });
    await fixture.finish(fixture.client.getToken());
    expect(fixture.client.events[1]).toMatchObject({ type: 'lifetime_assumed', lifetimeMs: 300_000 });
  });

  test('allow a listener to call getToken', async () => {
    const fixture = new LifecycleFixture();
    const calls: Promise<unknown>[] = [];
    fixture.client.emitter.subscribe(() => {
      if (calls.length < 10) calls.push(fixture.client.manager.getToken());
    });
    await fixture.fetchFirstToken();
    const [first] = fixture.client.returnedTokens;
    expect(new Set(await Promise.all(calls))).toEqual(new Set([first]));
  });

  test('do not fail a call when a listener throws or rejects', async () => {
    const unhandled = collectUnhandledRejections();
    const fixture = new LifecycleFixture();
    fixture.client.emitter.subscribe(() => {
      throw new Error('broken listener');
    });
    fixture.client.emitter.subscribe((async () => {
      throw new Error('broken async listener');
    }) as () => void);
    expect(await fixture.fetchFirstToken()).toBe('token-1-of-client');
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-2-of-client');
    await fixture.settle();
    expect(unhandled).toEqual([]);
  });
});

describe('a wall clock that is set back', () => {
  test('changes only the timestamps', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const { manager } = fixture.client;
    fixture.clock.stepWallClock(-86_400_000);
    expect(manager.status().state).toBe('fresh');
    await fixture.advance(239_999);
    expect(manager.peekToken()?.value).toBe('token-1-of-client');
    expect(manager.status().state).toBe('fresh');
    await fixture.advance(50_001);
    expect(manager.status().state).toBe('expired');
    await fixture.finish(fixture.client.getToken());
    expect(fixture.client.returnedTokens[0]?.expiresAt).toBe(fixture.clock.now() + 300_000);
  });
});

describe('a wall clock that is set forward', () => {
  test('costs one refresh', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    fixture.clock.stepWallClock(86_400_000);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    await fixture.advance(239_999);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('a process that was suspended', () => {
  test('uses no token that has expired meanwhile, and does not wait for a gate that has opened meanwhile', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    fixture.clock.suspend(600_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'expired' });
    expect(fixture.client.manager.status()).not.toHaveProperty('nextRequestAllowedAt');
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
  });

  test('keeps a token that is still fresh', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    fixture.clock.suspend(239_999);
    expect(fixture.client.manager.status().state).toBe('fresh');
    fixture.clock.suspend(1);
    expect(fixture.client.manager.status().state).toBe('stale');
  });

  test('sends the request of a caller that waited for the gate within a second', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const call = rejectToken(fixture.client);
    await fixture.advance(100);
    fixture.clock.suspend(60_000);
    await fixture.advance(1_000);
    expect(outcomeOf(call)).toBe('token-2-of-client');
  });

  test('detects no rejection loop in revocations that are minutes apart', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(10_000);
    for (const expected of ['token-2-of-client', 'token-3-of-client', 'token-4-of-client', 'token-5-of-client']) {
      expect(await fixture.finish(rejectToken(fixture.client))).toBe(expected);
      fixture.clock.suspend(120_000);
    }
  });
});

describe('an argument of getToken', () => {
  test.each([
    ['rejected: null', { rejected: null }],
    ['rejected: a string instead of the token', { rejected: 'token-1' }],
    ['signal: an object that is no signal', { signal: {} }],
    ['an unknown key', { minValidtyMs: 1 }],
    ['a number instead of an object', 5],
  ])('that is wrong throws a TypeError: %s', async (_, options) => {
    const fixture = new LifecycleFixture();
    const error = await fixture.client.manager.getToken(options as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('getToken');
    expect(fixture.sentAt).toEqual([]);
  });

  test('may have a signal that is null, as in fetch', async () => {
    const fixture = new LifecycleFixture();
    const token = await fixture.client.manager.getToken({ signal: null });
    expect(token.value).toBe('token-1-of-client');
  });
});

describe('what a review found', () => {
  test('a revoked token does not come back from a store that was down when it was replaced', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    fixture.store.fault = { kind: 'rejecting' };
    fixture.client.getToken();
    await fixture.settle();
    fixture.store.fault = { kind: 'none' };
    await fixture.advance(10_000);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-2-of-client');
    // The store still has the first token, which was never rejected, but is older than the second one.
    expect(await fixture.finish(rejectToken(fixture.client))).toBe('token-3-of-client');
  });

  test('quick revocations do not count against one that comes hours later', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(60_000);
    await fixture.finish(rejectToken(fixture.client));
    await fixture.finish(rejectToken(fixture.client));
    for (let refreshes = 0; refreshes < 10; refreshes++) {
      await fixture.advance(245_000);
      await fixture.finish(fixture.client.getToken());
    }
    await fixture.finish(fixture.client.getToken());
    expect(await fixture.finish(rejectToken(fixture.client))).toMatch(/^token-/);
    expect(await fixture.finish(rejectToken(fixture.client))).toMatch(/^token-/);
  });

  test('a caller that may wait for less than a flight in progress gets its error at once', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 1_000 });
    await fixture.fetchFirstToken(60_000);
    await fixture.advance(48_000);
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 5_900 });
    fixture.client.getToken();
    await fixture.advance(100);
    const call = fixture.client.getToken({ minValidityMs: 30_000 });
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token_endpoint_unavailable');
    expect(call.outcome?.at).toBe(call.startedAt);
  });

  test('a caller that times out while the store hangs gets an error that names the store', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 100 });
    fixture.store.fault = { kind: 'hanging' };
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_timeout');
    expect(String(call.outcome?.error)).toContain('the store has not responded');
  });

  test('an abort of a signal from another realm ends the wait', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    const target = new EventTarget();
    const foreign = Object.assign(target, {
      aborted: false,
      reason: undefined as unknown,
      throwIfAborted() {},
    });
    const call = fixture.client.manager.getToken({ signal: foreign as unknown as AbortSignal }).catch((error) => error);
    await fixture.settle();
    Object.assign(foreign, { aborted: true, reason: 'no longer needed' });
    foreign.dispatchEvent(new Event('abort'));
    expect(await call).toBe('no longer needed');
    await fixture.settle();
    expect(fixture.endpoint.log[0]?.ending).toBe('aborted');
  });

  test('the secret function is not called for a caller that has aborted', async () => {
    const fixture = new LifecycleFixture();
    let calls = 0;
    fixture.readSecret = async () => {
      calls++;
      return 'secret';
    };
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    abort.abort();
    await fixture.advance(10_000);
    expect(calls).toBe(0);
  });
});
