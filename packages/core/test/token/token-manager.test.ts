import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { LifecycleFixture, outcomeOf } from './lifecycle-fixture.ts';
import type { SimulatedClient } from './simulated-client.ts';

const judge = { kind: 'judge', lifetimeMs: 300_000 } as const;

function reject(client: SimulatedClient) {
  const [rejected] = client.handedOut;
  return client.getToken(rejected && { rejected });
}

/** Hears of rejections that nobody handles; to be called before they can happen. */
function listenForUnhandled(): unknown[] {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  return unhandled;
}

describe('a fresh token', () => {
  test('is handed out at once, without a request and without another promise', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const { manager } = fixture.client;
    const token = await manager.getToken();
    expect(await manager.getToken()).toBe(token);
    expect(manager.getToken()).toBe(manager.getToken());
    expect(manager.peekToken()).toBe(token);
    expect(fixture.sentAt).toHaveLength(1);
    expect(manager.status().state).toBe('fresh');
  });

  test('stays fresh until its fraction of life, not a millisecond longer', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(239_999);
    expect(fixture.client.manager.status().state).toBe('fresh');
    await fixture.pass(1);
    expect(fixture.client.manager.status().state).toBe('stale');
  });

  test('counts its life from before its request was sent: a slow answer does not lengthen it', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 4_000;
    const sentAt = fixture.clock.now();
    await fixture.warmUp();
    expect(fixture.client.handedOut[0]).toMatchObject({ obtainedAt: sentAt, expiresAt: sentAt + 300_000 });
    await fixture.pass(236_000);
    expect(fixture.client.manager.status().state).toBe('stale');
  });
});

describe('an aging token', () => {
  async function staleFixture(settings = {}): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture(settings);
    await fixture.warmUp();
    await fixture.pass(240_000);
    return fixture;
  }

  test('is handed out at once while one refresh goes on in the background', async () => {
    const fixture = await staleFixture();
    fixture.endpoint.latencyMs = 1_000;
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken());
    await fixture.settle();
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(fixture.client.manager.status()).toMatchObject({ state: 'stale', refreshing: true });
    await fixture.pass(1_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'fresh', refreshing: false });
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toEqual([0, 240_000]);
  });

  test('is refreshed also by those who only peek', async () => {
    const fixture = await staleFixture();
    expect(fixture.client.manager.peekToken()?.value).toBe('token-1-of-client');
    await fixture.settle();
    expect(fixture.client.manager.peekToken()?.value).toBe('token-2-of-client');
    expect(fixture.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'stale' });
  });

  test.each([
    ['an answer 503', { kind: 'busy', status: 503 }],
    ['no answer', { kind: 'hang' }],
    ['no connection', { kind: 'unreachable' }],
    ['a refusal', { kind: 'refuse' }],
    ['wrong credentials', { kind: 'deny' }],
  ] as const)('serves everyone until it is spent although its refresh meets %s', async (_, treatment) => {
    const unhandled = listenForUnhandled();
    const fixture = await staleFixture();
    fixture.treat(treatment);
    for (let ms = 0; ms < 50_000; ms += 100) {
      const call = fixture.client.getToken();
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
      await fixture.pass(100);
    }
    expect(fixture.client.manager.status()).toMatchObject({ state: 'expired', lastError: { at: expect.any(Number) } });
    const failures = fixture.client.events.filter(({ type }) => type === 'token_request_failed');
    expect(failures[0]).toMatchObject({ stillServing: true });
    expect(fixture.sentAt.length).toBeGreaterThan(2);
    expect(unhandled).toEqual([]);
    fixture.treat(judge);
    // As long as the longest cool-down.
    await fixture.pass(60_000);
    expect(await fixture.end(fixture.client.getToken())).toMatch(/^token-2/);
    expect(fixture.client.manager.status().lastError).toBeUndefined();
  });

  test('serves everyone although the secret function fails, and is refreshed when that works again', async () => {
    const unhandled = listenForUnhandled();
    const fixture = await staleFixture();
    fixture.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    for (let calls = 0; calls < 20; calls++)
      expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    await fixture.pass(1_000);
    fixture.readSecret = async () => 'secret';
    fixture.client.getToken();
    await fixture.settle();
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    expect(unhandled).toEqual([]);
  });

  test('is refreshed on although the one who set it off leaves', async () => {
    const fixture = await staleFixture();
    fixture.endpoint.latencyMs = 1_000;
    const abort = new AbortController();
    fixture.client.getToken({ minValidityMs: 200_000 }, abort);
    await fixture.settle();
    abort.abort(new Error('left'));
    await fixture.pass(1_000);
    expect(fixture.client.manager.status().state).toBe('fresh');
    expect(fixture.endpoint.log.at(-1)?.ending).toBe('issued');
  });

  test('is not refreshed any more once it is spent and nobody asks', async () => {
    const fixture = await staleFixture();
    fixture.treat({ kind: 'busy', status: 503 });
    fixture.client.getToken();
    await fixture.pass(600_000);
    expect(Math.max(...fixture.sentAt)).toBeLessThanOrEqual(290_000);
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('does not take an older token of the store for its refresh, which would age at once', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp(300_000, fixture.openClient());
    await fixture.pass(20_000);
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.end(fixture.client.getToken());
    fixture.store.fault = { kind: 'none' };
    await fixture.pass(240_000);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.client.manager.peekToken()?.value).toBe('token-3-of-client');
  });

  test('does not ask the secret function at each call while wrong credentials cool down', async () => {
    const fixture = await staleFixture();
    fixture.treat({ kind: 'deny' });
    fixture.client.getToken();
    await fixture.pass(6_000);
    let asked = 0;
    fixture.readSecret = async () => {
      asked++;
      return 'secret';
    };
    for (let calls = 0; calls < 20; calls++) fixture.client.getToken();
    await fixture.settle();
    expect(asked).toBe(0);
  });

  test('takes the newer token of another client instead of asking', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const other = fixture.openClient();
    await fixture.end(other.getToken());
    await fixture.pass(240_000);
    fixture.client.getToken();
    await fixture.settle();
    other.getToken();
    await fixture.settle();
    expect(await fixture.end(other.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('a spent token', () => {
  test('is not handed out in the margin before its end', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(289_999);
    fixture.treat({ kind: 'hang' });
    const served = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(served)).toBe('token-1-of-client');
    await fixture.pass(1);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('waits');
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(fixture.client.manager.status().state).toBe('expired');
  });

  test('is not taken from the store in the margin before its end', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(292_000);
    expect(await fixture.end(fixture.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is not taken from a store that takes so long to answer that it ends meanwhile', async () => {
    const fixture = new LifecycleFixture({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 0 } });
    await fixture.warmUp();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    await fixture.pass(299_900);
    expect(await fixture.end(fixture.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is replaced for everyone by one flight, whose reason shows in the events', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(300_000);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'expired' });
  });

  test.each([300_000, 10_000, 1_000, 50])(
    'comes not at once under a long margin: a token of %d ms is of use',
    async (lifetimeMs) => {
      const fixture = new LifecycleFixture({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 600_000 } });
      await fixture.warmUp(lifetimeMs);
      await fixture.pass(lifetimeMs / 2 - 1);
      const call = fixture.client.getToken();
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
    },
  );
});

describe('one flight', () => {
  test('serves ten thousand cold callers with one request', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    const calls = Array.from({ length: 10_000 }, () => fixture.client.manager.getToken());
    await fixture.settle();
    await fixture.pass(100);
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('fails all its callers with one error', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    fixture.treat({ kind: 'refuse' });
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken());
    await fixture.pass(100);
    expect(new Set(calls.map(({ outcome }) => outcome?.error)).size).toBe(1);
    expect(outcomeOf(calls[0] ?? fixture.client.getToken())).toBe('token_request_refused');
  });

  test('loses a caller who aborts, promptly and with its own reason, and nobody else', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    const abort = new AbortController();
    const stayer = fixture.client.getToken();
    const leaver = fixture.client.getToken(undefined, abort);
    await fixture.pass(50);
    const reason = { my: 'own reason' };
    abort.abort(reason);
    await fixture.settle();
    expect(leaver.outcome).toMatchObject({ at: 50, error: reason });
    expect(await fixture.end(stayer)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('is aborted when its last caller has left: nobody pays for an answer that nobody wants', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    const aborts = [new AbortController(), new AbortController()];
    for (const abort of aborts) fixture.client.getToken(undefined, abort);
    await fixture.pass(50);
    aborts[0]?.abort(new Error('left'));
    await fixture.settle();
    expect(fixture.endpoint.log[0]?.ending).toBeUndefined();
    aborts[1]?.abort(new Error('left'));
    await fixture.settle();
    expect(fixture.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 50 });
    expect(fixture.client.manager.status()).toMatchObject({ state: 'missing', refreshing: false });
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('continues when the last caller has timed out, so that the next one gets its token', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 6_000 });
    fixture.treat({ kind: 'hang' });
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(6_000);
    expect(fixture.endpoint.log[0]?.ending).toBeUndefined();
    expect(fixture.client.manager.status()).toMatchObject({ state: 'missing', refreshing: true });
    await fixture.pass(4_000);
    expect(fixture.endpoint.log.map(({ ending }) => ending)).toEqual(['timeout']);
    expect(fixture.client.manager.status()).toMatchObject({ refreshing: false });
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('gives each caller its own time', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 8_000 });
    fixture.treat({ kind: 'hang' });
    const first = fixture.client.getToken();
    await fixture.pass(5_000);
    const second = fixture.client.getToken();
    await fixture.pass(2_999);
    expect(outcomeOf(first)).toBe('waits');
    await fixture.pass(1);
    expect(outcomeOf(first)).toBe('token_request_timeout');
    expect(outcomeOf(second)).toBe('waits');
    expect(await fixture.end(second)).toMatch(/^token_request_/);
    expect(second.outcome?.at).toBeLessThanOrEqual(13_000);
  });

  test('never flies beside another one, not even beside one that everybody has left', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    for (let flight = 0; flight < 5; flight++) {
      const abort = new AbortController();
      fixture.client.getToken(undefined, abort);
      await fixture.pass(30);
      abort.abort(new Error('left'));
    }
    expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('gives the token that an abandoned flight found to those who came after it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const other = fixture.openClient();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const abort = new AbortController();
    other.getToken(undefined, abort);
    await fixture.pass(30);
    abort.abort(new Error('left'));
    const call = other.getToken();
    await fixture.pass(70);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });
});

describe('an abort', () => {
  test('that came before the call rejects before anything happens', async () => {
    const fixture = new LifecycleFixture();
    const abort = new AbortController();
    abort.abort(new Error('beforehand'));
    const call = fixture.client.getToken(undefined, abort);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('beforehand');
    expect(fixture.sentAt).toEqual([]);
    expect(fixture.client.events).toEqual([]);
  });

  test('that came before a rejection leaves the held token alone', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const [rejected] = fixture.client.handedOut;
    const abort = new AbortController();
    abort.abort(new Error('beforehand'));
    fixture.client.getToken(rejected && { rejected }, abort);
    await fixture.settle();
    expect(fixture.client.manager.status().state).toBe('fresh');
  });

  test('in a listener, while the call is being taken in, ends it, too', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const [rejected] = fixture.client.handedOut;
    const abort = new AbortController();
    fixture.client.emitter.subscribe(
      ({ type }) => type === 'token_rejected' && abort.abort(new Error('in a listener')),
    );
    const call = fixture.client.getToken(rejected && { rejected }, abort);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('in a listener');
  });
});

describe('a rejected token', () => {
  test('that is held is dropped and replaced', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const call = reject(fixture.client);
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(await fixture.end(call)).toBe('token-2-of-client');
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

  test('that is not the held one costs nothing: the late 401 of a slow call throws no fresh token away', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const [old] = fixture.client.handedOut;
    await fixture.pass(10_000);
    await fixture.end(reject(fixture.client));
    const call = fixture.client.getToken(old && { rejected: old });
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('is replaced once for all who reject it at the same time', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const [rejected] = fixture.client.handedOut;
    const calls = Array.from({ length: 100 }, () => fixture.client.getToken(rejected && { rejected }));
    for (const call of calls) expect(await fixture.end(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
    expect(fixture.client.events.filter(({ type }) => type === 'token_rejected')).toHaveLength(1);
  });

  test('is looked for in the store first: another client may have replaced it already', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const other = fixture.openClient();
    await fixture.end(other.getToken());
    await fixture.end(reject(other));
    const call = reject(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('is taken out of the store, so that no other client starts with it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const call = reject(fixture.client);
    await fixture.settle();
    const other = fixture.openClient();
    const second = other.getToken();
    expect(await fixture.end(call)).toBe('token-2-of-client');
    expect(await fixture.end(second)).toBe('token-2-of-client');
  });

  test('is taken out of a store that is still writing it, not before it is there', async () => {
    const fixture = new LifecycleFixture();
    const open = fixture.store.open.bind(fixture.store);
    fixture.store.open = (onToken) => {
      const store = open(onToken);
      return { ...store, commit: (key, token) => fixture.clock.sleep(100).then(() => store.commit(key, token)) };
    };
    const client = fixture.openClient();
    await fixture.warmUp(300_000, client);
    const call = reject(client);
    await fixture.pass(200);
    fixture.store.open = open;
    const second = fixture.openClient().getToken();
    expect(await fixture.end(call)).toBe('token-2-of-client');
    expect(await fixture.end(second)).toBe('token-2-of-client');
  });

  test('does not come back from a store that failed to remove it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    fixture.store.fault = { kind: 'rejecting' };
    const call = reject(fixture.client);
    await fixture.settle();
    fixture.store.fault = { kind: 'none' };
    expect(await fixture.end(call)).toBe('token-2-of-client');
  });

  test('is known to the store, which need not offer it once more', async () => {
    const fixture = new LifecycleFixture();
    const open = fixture.store.open.bind(fixture.store);
    const known: unknown[] = [];
    fixture.store.open = (onToken) => {
      const store = open(onToken);
      const claim: typeof store.claim = (key, request) => {
        known.push(request.knownFence);
        return store.claim(key, request);
      };
      return { ...store, claim, remove: () => Promise.reject(new Error('the store removes nothing')) };
    };
    const client = fixture.openClient();
    await fixture.warmUp(300_000, client);
    await fixture.pass(10_000);
    await fixture.end(reject(client));
    expect(known).toEqual([undefined, expect.any(Number)]);
  });

  test('does not come back after another token was rejected, too', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(20_000);
    // The second token never reaches the store, which keeps the first.
    fixture.store.fault = { kind: 'rejecting' };
    expect(await fixture.end(reject(fixture.client))).toBe('token-2-of-client');
    const [second, first] = fixture.client.handedOut;
    fixture.store.fault = { kind: 'none' };
    await fixture.pass(20_000);
    const late = fixture.client.getToken(first && { rejected: first });
    expect(await fixture.end(late)).toBe('token-2-of-client');
    expect(await fixture.end(fixture.client.getToken(second && { rejected: second }))).toBe('token-3-of-client');
  });

  test('does not come back when it was rejected late and the store still has it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(240_000);
    fixture.store.fault = { kind: 'rejecting' };
    fixture.treat({ kind: 'judge', lifetimeMs: 20_000 });
    fixture.client.getToken();
    await fixture.settle();
    const [first] = fixture.client.handedOut;
    fixture.store.fault = { kind: 'none' };
    await fixture.pass(19_000);
    const call = fixture.client.getToken(first && { rejected: first });
    expect(await fixture.end(call)).toBe('token-3-of-client');
  });

  test('of another process is not taken from the store by a client that has never held it', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const other = fixture.openClient();
    const rejected = createAccessToken('token-1-of-client', 0, 1);
    expect(await fixture.end(other.getToken({ rejected }))).toBe('token-2-of-client');
  });

  test('is never the answer to its rejection, not even when the endpoint hands it out again', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, again: true });
    const call = reject(fixture.client);
    const bystander = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_rejected');
    expect(outcomeOf(bystander)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('a rejection loop', () => {
  /** The first token was refused after it had served, and so was, at once, the one that replaced it. */
  async function loopFixture(): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    expect(await fixture.end(reject(fixture.client))).toBe('token-2-of-client');
    expect(await fixture.end(reject(fixture.client))).toBe('token-3-of-client');
    return fixture;
  }

  test('starts when two refreshed tokens in a row are refused: the caller gets the 401, at once and without a request', async () => {
    const fixture = await loopFixture();
    const call = reject(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token_rejected');
    expect(call.outcome?.error).toMatchObject({ retryable: true });
    expect(fixture.sentAt).toHaveLength(3);
    expect(fixture.client.events.at(-1)).toMatchObject({ type: 'token_rejected', refreshSuspended: true });
  });

  test('keeps the held token for callers that do not reject it', async () => {
    const fixture = await loopFixture();
    reject(fixture.client);
    await fixture.settle();
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-3-of-client');
  });

  test('is reported once, and requests no token for one window', async () => {
    const fixture = await loopFixture();
    for (let ms = 0; ms < 5_500; ms += 500) {
      const call = reject(fixture.client);
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token_rejected');
      await fixture.pass(500);
    }
    const suspended = fixture.client.events.filter(
      ({ type, ...event }) => 'refreshSuspended' in event && event.refreshSuspended,
    );
    expect(suspended).toHaveLength(1);
    expect(await fixture.end(reject(fixture.client))).toBe('token-4-of-client');
  });

  test('doubles the suspension to 60 s while each refreshed token is refused', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    for (let ms = 0; ms < 400_000; ms += 100) {
      reject(fixture.client);
      await fixture.pass(100);
    }
    const gaps = fixture.sentAt.slice(1).map((at, index) => at - (fixture.sentAt[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 500) * 500)).toEqual([
      10_000, 5_500, 5_500, 11_000, 22_000, 44_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('ends with the first token that is older than a window when it is refused', async () => {
    const fixture = await loopFixture();
    reject(fixture.client);
    await fixture.pass(5_500);
    expect(await fixture.end(reject(fixture.client))).toBe('token-4-of-client');
    await fixture.pass(5_500);
    expect(await fixture.end(reject(fixture.client))).toBe('token-5-of-client');
    expect(await fixture.end(reject(fixture.client))).toBe('token-6-of-client');
    const call = reject(fixture.client);
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token_rejected');
    await fixture.pass(5_500);
    // One window again, not two.
    expect(await fixture.end(reject(fixture.client))).toBe('token-7-of-client');
  });

  test.each([0, 1, 2_500, 5_499, 5_500, 6_000, 11_000])(
    'is not what two revocations are, %d ms after the refresh: every caller waits for the next token',
    async (spacingMs) => {
      const fixture = new LifecycleFixture();
      await fixture.warmUp();
      await fixture.pass(60_000);
      const first = Array.from({ length: 10 }, () => reject(fixture.client));
      for (const call of first) expect(await fixture.end(call)).toBe('token-2-of-client');
      await fixture.pass(spacingMs);
      const second = Array.from({ length: 10 }, () => reject(fixture.client));
      for (const call of second) expect(await fixture.end(call)).toBe('token-3-of-client');
      expect(fixture.sentAt).toHaveLength(3);
    },
  );

  test('is not what the rejection of a first token is, which no rejection has brought', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    expect(await fixture.end(reject(fixture.client))).toBe('token-2-of-client');
    expect(await fixture.end(reject(fixture.client))).toBe('token-3-of-client');
  });

  test('is found, too, when the endpoint issues the refused token again and again', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, again: true });
    for (let ms = 0; ms < 60_000; ms += 50) {
      reject(fixture.client);
      await fixture.pass(50);
    }
    expect(fixture.sentAt.length).toBeLessThanOrEqual(7);
  });

  test('allows one token request per window to an API that rejects everything, however many callers there are', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    for (let ms = 0; ms < 55_000; ms += 50) {
      reject(fixture.client);
      await fixture.pass(50);
    }
    expect(fixture.sentAt.length).toBeLessThanOrEqual(1 + 55_000 / 5_500);
    expect(fixture.endpoint.log.every(({ ending }) => ending === 'issued')).toBe(true);
  });
});

describe('minValidityMs', () => {
  test('takes the held token when it lives long enough', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(100_000);
    const call = fixture.client.getToken({ minValidityMs: 200_000 });
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('takes a held token that is too short for spent, for this caller alone', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(100_001);
    fixture.endpoint.latencyMs = 100;
    const demanding = fixture.client.getToken({ minValidityMs: 200_000 });
    const modest = fixture.client.getToken();
    await fixture.settle();
    expect([outcomeOf(demanding), outcomeOf(modest)]).toEqual(['waits', 'token-1-of-client']);
    await fixture.pass(100);
    expect(outcomeOf(demanding)).toBe('token-2-of-client');
  });

  test('gets a token fresh from the server as it is: asking again would not make it longer', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'judge', lifetimeMs: 60_000 });
    expect(await fixture.end(fixture.client.getToken({ minValidityMs: 120_000 }))).toBe('token-1-of-client');
    // Also one that would be long enough, had its answer not taken so long.
    const slow = new LifecycleFixture();
    slow.endpoint.latencyMs = 100;
    expect(await slow.end(slow.client.getToken({ minValidityMs: 299_950 }))).toBe('token-1-of-client');
    const again = fixture.client.getToken({ minValidityMs: 120_000 });
    await fixture.settle();
    expect(outcomeOf(again)).toBe('token-1-of-client');
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('does not take a shared token that is too short, but asks for another', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(200_000);
    const other = fixture.openClient();
    expect(await fixture.end(other.getToken({ minValidityMs: 150_000 }))).toBe('token-2-of-client');
  });

  test('asks on when the flight under way brings a shared token that is too short', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(200_000);
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const other = fixture.openClient();
    const modest = other.getToken();
    await fixture.pass(50);
    const demanding = other.getToken({ minValidityMs: 150_000 });
    expect(await fixture.end(modest)).toBe('token-1-of-client');
    expect(await fixture.end(demanding)).toBe('token-2-of-client');
  });

  test('does not start the wait anew when a token came that was too short', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 12_000 });
    await fixture.warmUp();
    await fixture.pass(200_000);
    const other = fixture.openClient();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const modest = other.getToken();
    await fixture.pass(50);
    fixture.treat({ kind: 'hang' });
    const demanding = other.getToken({ minValidityMs: 150_000 });
    await fixture.end(demanding);
    expect(outcomeOf(modest)).toBe('token-1-of-client');
    expect(demanding.outcome).toMatchObject({ at: demanding.startedAt + 12_000 });
  });

  test('is a number of milliseconds: everything else is an error that says so', async () => {
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
  test('tells of a cold, a waiting, a failed, and a healed client, without a network call or a secret', async () => {
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
    await fixture.end(call);
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

  test('tells of a closed client, and no longer when it would ask', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.client.manager.close();
    expect(fixture.client.manager.status()).toEqual({ state: 'closed', refreshing: false });
  });
});

describe('close', () => {
  test.each([
    [
      'at the gate',
      async (fixture: LifecycleFixture) => {
        await fixture.warmUp();
        reject(fixture.client);
      },
    ],
    [
      'at the endpoint',
      async (fixture: LifecycleFixture) => {
        fixture.treat({ kind: 'hang' });
        fixture.client.getToken();
      },
    ],
    [
      'at the secret function',
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
  ])('rejects at once whoever waits %s, and leaves no timer', async (_, wait) => {
    const fixture = new LifecycleFixture();
    await wait(fixture);
    await fixture.settle();
    const call = fixture.client.calls.at(-1);
    const others = fixture.clock.sleeping;
    await fixture.client.manager.close();
    expect(call && outcomeOf(call)).toBe('client_closed');
    expect(fixture.clock.sleeping).toBeLessThan(others);
    await fixture.pass(60_000);
    expect(fixture.clock.sleeping).toBe(0);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'closed', refreshing: false });
  });

  test('rejects at once also whoever waits for a store that does not answer', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'hanging' };
    const call = fixture.client.getToken();
    await fixture.settle();
    void fixture.client.manager.close();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('client_closed');
  });

  test.each([
    ['what it is asked', 0],
    ['what it is told', 100],
  ])('ends when the store has answered %s, so that nothing is lost when the process ends next', async (_, ms) => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    fixture.client.getToken();
    await fixture.pass(ms);
    let isClosed = false;
    void fixture.client.manager.close().then(() => {
      isClosed = true;
    });
    await fixture.pass(99);
    expect(isClosed).toBe(false);
    // Twice as long when what it was asked brought a right that has to be handed back.
    await fixture.pass(101);
    expect(isClosed).toBe(true);
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('aborts the flight and tells the store that its request was sent', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    fixture.client.getToken();
    await fixture.pass(1_000);
    await fixture.client.manager.close();
    expect(fixture.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 1_000 });
    fixture.treat(judge);
    await fixture.end(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 6_500]);
  });

  test('makes every later call reject at once, whatever it asks for', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.client.manager.close();
    const calls = [fixture.client.getToken(), reject(fixture.client), fixture.client.getToken({ minValidityMs: 1 })];
    await fixture.settle();
    expect(calls.map(outcomeOf)).toEqual(['client_closed', 'client_closed', 'client_closed']);
    expect(fixture.client.manager.peekToken()).toBeUndefined();
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('is harmless twice, and before anything has happened', async () => {
    const fixture = new LifecycleFixture();
    await Promise.all([fixture.client.manager.close(), fixture.client.manager.close()]);
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('during a background refresh leaves nothing behind', async () => {
    const unhandled = listenForUnhandled();
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(240_000);
    fixture.treat({ kind: 'hang' });
    fixture.client.getToken();
    await fixture.settle();
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
    await fixture.settle();
    expect(unhandled).toEqual([]);
  });

  test('in a listener, in the middle of everything, is kept to', async () => {
    for (const type of ['token_requested', 'token_obtained', 'waiting', 'token_rejected'] as const) {
      const fixture = new LifecycleFixture();
      if (type === 'waiting' || type === 'token_rejected') await fixture.warmUp();
      fixture.client.emitter.subscribe((event) => {
        if (event.type === type) void fixture.client.manager.close();
      });
      const call = reject(fixture.client);
      expect(await fixture.end(call)).toBe('client_closed');
      expect(fixture.client.manager.status()).toEqual({ state: 'closed', refreshing: false });
      expect(fixture.client.manager.peekToken()).toBeUndefined();
      expect(fixture.clock.sleeping).toBe(0);
    }
  });
});

describe('events', () => {
  test('tell the story of a token in order, with its reasons', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    await fixture.warmUp();
    await fixture.pass(240_000);
    fixture.client.getToken();
    await fixture.pass(100);
    const told = fixture.client.events.map(({ at, environment, realm, ...details }: TokenEvent) => details);
    expect(told).toEqual([
      { type: 'token_requested', why: 'missing', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
      { type: 'token_requested', why: 'stale', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
    ]);
  });

  test('warn of a lifetime that the endpoint did not tell', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'judge', lifetimeMs: 300_000, lifetimeAssumed: true });
    await fixture.end(fixture.client.getToken());
    expect(fixture.client.events[1]).toMatchObject({ type: 'lifetime_assumed', lifetimeMs: 300_000 });
  });

  test('may call the client back: a listener that asks for a token gets one', async () => {
    const fixture = new LifecycleFixture();
    const asked: Promise<unknown>[] = [];
    fixture.client.emitter.subscribe(() => {
      if (asked.length < 10) asked.push(fixture.client.manager.getToken());
    });
    await fixture.warmUp();
    const [first] = fixture.client.handedOut;
    expect(new Set(await Promise.all(asked))).toEqual(new Set([first]));
  });

  test('cannot be disturbed by a listener that throws or rejects', async () => {
    const unhandled = listenForUnhandled();
    const fixture = new LifecycleFixture();
    fixture.client.emitter.subscribe(() => {
      throw new Error('broken listener');
    });
    fixture.client.emitter.subscribe((async () => {
      throw new Error('broken async listener');
    }) as () => void);
    expect(await fixture.warmUp()).toBe('token-1-of-client');
    expect(await fixture.end(reject(fixture.client))).toBe('token-2-of-client');
    await fixture.settle();
    expect(unhandled).toEqual([]);
  });
});

describe('a wall clock that is set back', () => {
  test('changes nothing but the timestamps', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const { manager } = fixture.client;
    fixture.clock.stepWallClock(-86_400_000);
    expect(manager.status().state).toBe('fresh');
    await fixture.pass(239_999);
    expect(manager.peekToken()?.value).toBe('token-1-of-client');
    expect(manager.status().state).toBe('fresh');
    await fixture.pass(50_001);
    expect(manager.status().state).toBe('expired');
    await fixture.end(fixture.client.getToken());
    expect(fixture.client.handedOut[0]?.expiresAt).toBe(fixture.clock.now() + 300_000);
  });
});

describe('a wall clock that is set forward', () => {
  test('costs one refresh', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    fixture.clock.stepWallClock(86_400_000);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    await fixture.pass(239_999);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-2-of-client');
    expect(fixture.sentAt).toHaveLength(2);
  });
});

describe('a process that was suspended', () => {
  test('uses no token that has expired meanwhile, and does not wait for a gate that has long been open', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
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
    await fixture.warmUp();
    fixture.clock.suspend(239_999);
    expect(fixture.client.manager.status().state).toBe('fresh');
    fixture.clock.suspend(1);
    expect(fixture.client.manager.status().state).toBe('stale');
  });

  test('goes on within a second when it was suspended while a caller waited at the gate', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const call = reject(fixture.client);
    await fixture.pass(100);
    fixture.clock.suspend(60_000);
    await fixture.pass(1_000);
    expect(outcomeOf(call)).toBe('token-2-of-client');
  });

  test('does not take two revocations that are minutes apart for a rejection loop', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(10_000);
    for (const expected of ['token-2-of-client', 'token-3-of-client', 'token-4-of-client', 'token-5-of-client']) {
      expect(await fixture.end(reject(fixture.client))).toBe(expected);
      fixture.clock.suspend(120_000);
    }
  });
});

describe('an argument of getToken', () => {
  test.each([
    ['rejected: null', { rejected: null }],
    ['a rejected value instead of the token', { rejected: 'token-1' }],
    ['a signal that is none', { signal: {} }],
    ['an unknown key', { minValidtyMs: 1 }],
    ['something that is no object', 5],
  ])('that is wrong is a TypeError: %s', async (_, options) => {
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
