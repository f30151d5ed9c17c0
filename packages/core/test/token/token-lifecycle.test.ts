import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { createAccessToken } from '../../src/token/access-token.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import type { SimulatedClient } from './simulated-client.ts';
import { outcomeOf, Stage } from './stage.ts';

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
    const stage = new Stage();
    await stage.warmUp();
    const { lifecycle } = stage.client;
    const token = await lifecycle.getToken();
    expect(await lifecycle.getToken()).toBe(token);
    expect(lifecycle.getToken()).toBe(lifecycle.getToken());
    expect(lifecycle.peekToken()).toBe(token);
    expect(stage.sentAt).toHaveLength(1);
    expect(lifecycle.status().state).toBe('fresh');
  });

  test('stays fresh until its fraction of life, not a millisecond longer', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(239_999);
    expect(stage.client.lifecycle.status().state).toBe('fresh');
    await stage.pass(1);
    expect(stage.client.lifecycle.status().state).toBe('aging');
  });

  test('counts its life from before its request was sent: a slow answer does not lengthen it', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 4_000;
    const sentAt = stage.clock.now();
    await stage.warmUp();
    expect(stage.client.handedOut[0]).toMatchObject({ obtainedAt: sentAt, expiresAt: sentAt + 300_000 });
    await stage.pass(236_000);
    expect(stage.client.lifecycle.status().state).toBe('aging');
  });
});

describe('an aging token', () => {
  async function agingStage(settings = {}): Promise<Stage> {
    const stage = new Stage(settings);
    await stage.warmUp();
    await stage.pass(240_000);
    return stage;
  }

  test('is handed out at once while one refresh goes on in the background', async () => {
    const stage = await agingStage();
    stage.endpoint.latencyMs = 1_000;
    const calls = Array.from({ length: 100 }, () => stage.client.getToken());
    await stage.settle();
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'aging', refreshing: true });
    await stage.pass(1_000);
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'fresh', refreshing: false });
    expect(await stage.end(stage.client.getToken())).toBe('token-2-of-client');
    expect(stage.sentAt).toEqual([0, 240_000]);
  });

  test('is refreshed also by those who only peek', async () => {
    const stage = await agingStage();
    expect(stage.client.lifecycle.peekToken()?.value).toBe('token-1-of-client');
    await stage.settle();
    expect(stage.client.lifecycle.peekToken()?.value).toBe('token-2-of-client');
    expect(stage.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'aging' });
  });

  test.each([
    ['an answer 503', { kind: 'busy', status: 503 }],
    ['no answer', { kind: 'hang' }],
    ['no connection', { kind: 'unreachable' }],
    ['a refusal', { kind: 'refuse' }],
    ['wrong credentials', { kind: 'deny' }],
  ] as const)('serves everyone until it is spent although its refresh meets %s', async (_, treatment) => {
    const unhandled = listenForUnhandled();
    const stage = await agingStage();
    stage.treat(treatment);
    for (let ms = 0; ms < 50_000; ms += 100) {
      const call = stage.client.getToken();
      await stage.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
      await stage.pass(100);
    }
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'spent', lastError: { at: expect.any(Number) } });
    const failures = stage.client.events.filter(({ type }) => type === 'token_request_failed');
    expect(failures[0]).toMatchObject({ stillServing: true });
    expect(stage.sentAt.length).toBeGreaterThan(2);
    expect(unhandled).toEqual([]);
    stage.treat(judge);
    // As long as the longest cool-down.
    await stage.pass(60_000);
    expect(await stage.end(stage.client.getToken())).toMatch(/^token-2/);
    expect(stage.client.lifecycle.status().lastError).toBeUndefined();
  });

  test('serves everyone although the secret function fails, and is refreshed when that works again', async () => {
    const unhandled = listenForUnhandled();
    const stage = await agingStage();
    stage.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    for (let calls = 0; calls < 20; calls++) expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    await stage.pass(1_000);
    stage.readSecret = async () => 'secret';
    stage.client.getToken();
    await stage.settle();
    expect(await stage.end(stage.client.getToken())).toBe('token-2-of-client');
    expect(unhandled).toEqual([]);
  });

  test('is refreshed on although the one who set it off leaves', async () => {
    const stage = await agingStage();
    stage.endpoint.latencyMs = 1_000;
    const abort = new AbortController();
    stage.client.getToken({ minValidityMs: 200_000 }, abort);
    await stage.settle();
    abort.abort(new Error('left'));
    await stage.pass(1_000);
    expect(stage.client.lifecycle.status().state).toBe('fresh');
    expect(stage.endpoint.log.at(-1)?.ending).toBe('granted');
  });

  test('is not refreshed any more once it is spent and nobody asks', async () => {
    const stage = await agingStage();
    stage.treat({ kind: 'busy', status: 503 });
    stage.client.getToken();
    await stage.pass(600_000);
    expect(Math.max(...stage.sentAt)).toBeLessThanOrEqual(290_000);
    expect(stage.clock.sleeping).toBe(0);
  });

  test('does not take an older token of the store for its refresh, which would age at once', async () => {
    const stage = new Stage();
    await stage.warmUp(300_000, stage.openClient());
    await stage.pass(20_000);
    stage.store.fault = { kind: 'rejecting' };
    await stage.end(stage.client.getToken());
    stage.store.fault = { kind: 'none' };
    await stage.pass(240_000);
    expect(await stage.end(stage.client.getToken())).toBe('token-2-of-client');
    expect(stage.client.lifecycle.peekToken()?.value).toBe('token-3-of-client');
  });

  test('does not ask the secret function at each call while wrong credentials cool down', async () => {
    const stage = await agingStage();
    stage.treat({ kind: 'deny' });
    stage.client.getToken();
    await stage.pass(6_000);
    let asked = 0;
    stage.readSecret = async () => {
      asked++;
      return 'secret';
    };
    for (let calls = 0; calls < 20; calls++) stage.client.getToken();
    await stage.settle();
    expect(asked).toBe(0);
  });

  test('takes the newer token of another client instead of asking', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const other = stage.openClient();
    await stage.end(other.getToken());
    await stage.pass(240_000);
    stage.client.getToken();
    await stage.settle();
    other.getToken();
    await stage.settle();
    expect(await stage.end(other.getToken())).toBe('token-2-of-client');
    expect(stage.sentAt).toHaveLength(2);
  });
});

describe('a spent token', () => {
  test('is not handed out in the margin before its end', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(289_999);
    stage.treat({ kind: 'hang' });
    const served = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(served)).toBe('token-1-of-client');
    await stage.pass(1);
    const call = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(call)).toBe('waits');
    expect(stage.client.lifecycle.peekToken()).toBeUndefined();
    expect(stage.client.lifecycle.status().state).toBe('spent');
  });

  test('is not taken from the store in the margin before its end', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(292_000);
    expect(await stage.end(stage.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is not taken from a store that takes so long to answer that it ends meanwhile', async () => {
    const stage = new Stage({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 0 } });
    await stage.warmUp();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    await stage.pass(299_900);
    expect(await stage.end(stage.openClient().getToken())).toBe('token-2-of-client');
  });

  test('is replaced for everyone by one flight, whose reason shows in the events', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(300_000);
    expect(await stage.end(stage.client.getToken())).toBe('token-2-of-client');
    expect(stage.client.events.findLast(({ type }) => type === 'token_requested')).toMatchObject({ why: 'spent' });
  });

  test.each([300_000, 10_000, 1_000, 50])(
    'comes not at once under a long margin: a token of %d ms is of use',
    async (lifetimeMs) => {
      const stage = new Stage({ agePolicy: { refreshAtFraction: 0.8, expiryMarginMs: 600_000 } });
      await stage.warmUp(lifetimeMs);
      await stage.pass(lifetimeMs / 2 - 1);
      const call = stage.client.getToken();
      await stage.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
    },
  );
});

describe('one flight', () => {
  test('serves ten thousand cold callers with one request', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 100;
    const calls = Array.from({ length: 10_000 }, () => stage.client.lifecycle.getToken());
    await stage.settle();
    expect(stage.clock.sleeping).toBeLessThanOrEqual(4);
    await stage.pass(100);
    expect(new Set(await Promise.all(calls)).size).toBe(1);
    expect(stage.sentAt).toHaveLength(1);
  });

  test('fails all its callers with one error', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 100;
    stage.treat({ kind: 'refuse' });
    const calls = Array.from({ length: 100 }, () => stage.client.getToken());
    await stage.pass(100);
    expect(new Set(calls.map(({ outcome }) => outcome?.error)).size).toBe(1);
    expect(outcomeOf(calls[0] ?? stage.client.getToken())).toBe('token_request_refused');
  });

  test('loses a caller who aborts, promptly and with its own reason, and nobody else', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 100;
    const abort = new AbortController();
    const stayer = stage.client.getToken();
    const leaver = stage.client.getToken(undefined, abort);
    await stage.pass(50);
    const reason = { my: 'own reason' };
    abort.abort(reason);
    await stage.settle();
    expect(leaver.outcome).toEqual({ at: 50, error: reason });
    expect(await stage.end(stayer)).toBe('token-1-of-client');
    expect(stage.sentAt).toHaveLength(1);
  });

  test('is aborted when its last caller has left: nobody pays for an answer that nobody wants', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'hang' });
    const aborts = [new AbortController(), new AbortController()];
    for (const abort of aborts) stage.client.getToken(undefined, abort);
    await stage.pass(50);
    aborts[0]?.abort(new Error('left'));
    await stage.settle();
    expect(stage.endpoint.log[0]?.ending).toBeUndefined();
    aborts[1]?.abort(new Error('left'));
    await stage.settle();
    expect(stage.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 50 });
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'cold', refreshing: false });
    expect(stage.clock.sleeping).toBe(0);
  });

  test('is aborted when the last one’s time is up', async () => {
    const stage = new Stage({ maxWaitMs: 6_000 });
    stage.treat({ kind: 'hang' });
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(6_000);
    expect(stage.endpoint.log[0]?.ending).toBe('aborted');
  });

  test('gives each caller its own time', async () => {
    const stage = new Stage({ maxWaitMs: 8_000 });
    stage.treat({ kind: 'hang' });
    const first = stage.client.getToken();
    await stage.pass(5_000);
    const second = stage.client.getToken();
    await stage.pass(2_999);
    expect(outcomeOf(first)).toBe('waits');
    await stage.pass(1);
    expect(outcomeOf(first)).toBe('token_request_timeout');
    expect(outcomeOf(second)).toBe('waits');
    expect(await stage.end(second)).toMatch(/^token_request_/);
    expect(second.outcome?.at).toBeLessThanOrEqual(13_000);
  });

  test('never flies beside another one, not even beside one that everybody has left', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    for (let flight = 0; flight < 5; flight++) {
      const abort = new AbortController();
      stage.client.getToken(undefined, abort);
      await stage.pass(30);
      abort.abort(new Error('left'));
    }
    expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    expect(stage.sentAt).toHaveLength(1);
  });

  test('gives the token that an abandoned flight found to those who came after it', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const other = stage.openClient();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const abort = new AbortController();
    other.getToken(undefined, abort);
    await stage.pass(30);
    abort.abort(new Error('left'));
    const call = other.getToken();
    await stage.pass(70);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });
});

describe('an abort', () => {
  test('that came before the call rejects before anything happens', async () => {
    const stage = new Stage();
    const abort = new AbortController();
    abort.abort(new Error('beforehand'));
    const call = stage.client.getToken(undefined, abort);
    await stage.settle();
    expect(outcomeOf(call)).toBe('beforehand');
    expect(stage.sentAt).toEqual([]);
    expect(stage.client.events).toEqual([]);
  });

  test('that came before a rejection leaves the held token alone', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const [rejected] = stage.client.handedOut;
    const abort = new AbortController();
    abort.abort(new Error('beforehand'));
    stage.client.getToken(rejected && { rejected }, abort);
    await stage.settle();
    expect(stage.client.lifecycle.status().state).toBe('fresh');
  });

  test('in a listener, while the call is being taken in, ends it, too', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const [rejected] = stage.client.handedOut;
    const abort = new AbortController();
    stage.client.feed.subscribe(({ type }) => type === 'token_rejected' && abort.abort(new Error('in a listener')));
    const call = stage.client.getToken(rejected && { rejected }, abort);
    await stage.settle();
    expect(outcomeOf(call)).toBe('in a listener');
  });
});

describe('a rejected token', () => {
  test('that is held is dropped and replaced', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const call = reject(stage.client);
    expect(stage.client.lifecycle.peekToken()).toBeUndefined();
    expect(await stage.end(call)).toBe('token-2-of-client');
    expect(stage.client.events.map(({ type }) => type)).toEqual([
      'token_requested',
      'token_obtained',
      'token_rejected',
      'gate_waited',
      'token_requested',
      'token_obtained',
    ]);
    expect(stage.client.events[4]).toMatchObject({ why: 'rejected', attempt: 1 });
  });

  test('that is not the held one costs nothing: the late 401 of a slow call throws no fresh token away', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const [old] = stage.client.handedOut;
    await stage.pass(10_000);
    await stage.end(reject(stage.client));
    const call = stage.client.getToken(old && { rejected: old });
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(stage.sentAt).toHaveLength(2);
  });

  test('is replaced once for all who reject it at the same time', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const [rejected] = stage.client.handedOut;
    const calls = Array.from({ length: 100 }, () => stage.client.getToken(rejected && { rejected }));
    for (const call of calls) expect(await stage.end(call)).toBe('token-2-of-client');
    expect(stage.sentAt).toHaveLength(2);
    expect(stage.client.events.filter(({ type }) => type === 'token_rejected')).toHaveLength(1);
  });

  test('is looked for in the store first: another client may have replaced it already', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const other = stage.openClient();
    await stage.end(other.getToken());
    await stage.end(reject(other));
    const call = reject(stage.client);
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
    expect(stage.sentAt).toHaveLength(2);
  });

  test('is taken out of the store, so that no other client starts with it', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const call = reject(stage.client);
    await stage.settle();
    const other = stage.openClient();
    const second = other.getToken();
    expect(await stage.end(call)).toBe('token-2-of-client');
    expect(await stage.end(second)).toBe('token-2-of-client');
  });

  test('is taken out of a store that is still writing it, not before it is there', async () => {
    const stage = new Stage();
    const open = stage.store.open.bind(stage.store);
    stage.store.open = (onToken) => {
      const store = open(onToken);
      return { ...store, commit: (key, token) => stage.clock.sleep(100).then(() => store.commit(key, token)) };
    };
    const client = stage.openClient();
    await stage.warmUp(300_000, client);
    const call = reject(client);
    await stage.pass(200);
    stage.store.open = open;
    const second = stage.openClient().getToken();
    expect(await stage.end(call)).toBe('token-2-of-client');
    expect(await stage.end(second)).toBe('token-2-of-client');
  });

  test('does not come back from a store that failed to remove it', async () => {
    const stage = new Stage();
    await stage.warmUp();
    stage.store.fault = { kind: 'rejecting' };
    const call = reject(stage.client);
    await stage.settle();
    stage.store.fault = { kind: 'none' };
    expect(await stage.end(call)).toBe('token-2-of-client');
  });

  test('is known to the store, which need not offer it once more', async () => {
    const stage = new Stage();
    const open = stage.store.open.bind(stage.store);
    const known: unknown[] = [];
    stage.store.open = (onToken) => {
      const store = open(onToken);
      const claim: typeof store.claim = (key, request) => {
        known.push(request.knownFence);
        return store.claim(key, request);
      };
      return { ...store, claim, remove: () => Promise.reject(new Error('the store removes nothing')) };
    };
    const client = stage.openClient();
    await stage.warmUp(300_000, client);
    await stage.pass(10_000);
    await stage.end(reject(client));
    expect(known).toEqual([undefined, expect.any(Number)]);
  });

  test('does not come back after another token was rejected, too', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(20_000);
    // The second token never reaches the store, which keeps the first.
    stage.store.fault = { kind: 'rejecting' };
    expect(await stage.end(reject(stage.client))).toBe('token-2-of-client');
    const [second, first] = stage.client.handedOut;
    stage.store.fault = { kind: 'none' };
    await stage.pass(20_000);
    const late = stage.client.getToken(first && { rejected: first });
    expect(await stage.end(late)).toBe('token-2-of-client');
    expect(await stage.end(stage.client.getToken(second && { rejected: second }))).toBe('token-3-of-client');
  });

  test('does not come back when it was rejected late and the store still has it', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(240_000);
    stage.store.fault = { kind: 'rejecting' };
    stage.treat({ kind: 'judge', lifetimeMs: 20_000 });
    stage.client.getToken();
    await stage.settle();
    const [first] = stage.client.handedOut;
    stage.store.fault = { kind: 'none' };
    await stage.pass(19_000);
    const call = stage.client.getToken(first && { rejected: first });
    expect(await stage.end(call)).toBe('token-3-of-client');
  });

  test('of another process is not taken from the store by a client that has never held it', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const other = stage.openClient();
    const rejected = createAccessToken('token-1-of-client', 0, 1);
    expect(await stage.end(other.getToken({ rejected }))).toBe('token-2-of-client');
  });

  test('is never the answer to its rejection, not even when the endpoint hands it out again', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(10_000);
    stage.treat({ kind: 'judge', lifetimeMs: 300_000, again: true });
    const call = reject(stage.client);
    const bystander = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_rejected');
    expect(outcomeOf(bystander)).toBe('token-1-of-client');
    expect(stage.sentAt).toHaveLength(2);
  });
});

describe('the storm breaker', () => {
  async function stormyStage(): Promise<Stage> {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(10_000);
    await stage.end(reject(stage.client));
    return stage;
  }

  test('hands the API’s 401 to the caller when even a renewed token is refused, at once and without a request', async () => {
    const stage = await stormyStage();
    const call = reject(stage.client);
    await stage.settle();
    expect(outcomeOf(call)).toBe('token_rejected');
    expect(call.outcome?.error).toMatchObject({ retryable: true });
    expect(stage.sentAt).toHaveLength(2);
    expect(stage.client.events.at(-1)).toMatchObject({ type: 'token_rejected', stormBroken: true });
  });

  test('leaves the token to those who do not reject it', async () => {
    const stage = await stormyStage();
    reject(stage.client);
    await stage.settle();
    const call = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-2-of-client');
  });

  test('says so once, and rests after one window', async () => {
    const stage = await stormyStage();
    for (let ms = 0; ms < 5_500; ms += 500) {
      const call = reject(stage.client);
      await stage.settle();
      expect(outcomeOf(call)).toBe('token_rejected');
      await stage.pass(500);
    }
    const broken = stage.client.events.filter((event) => event.type === 'token_rejected' && event.stormBroken);
    expect(broken).toHaveLength(1);
    expect(await stage.end(reject(stage.client))).toBe('token-3-of-client');
  });

  test('does not take a renewed token that is revoked later for a storm', async () => {
    const stage = await stormyStage();
    await stage.pass(5_500);
    expect(await stage.end(reject(stage.client))).toBe('token-3-of-client');
  });

  test('does not take the rejection of a token that no rejection has brought for a storm', async () => {
    const stage = new Stage();
    await stage.warmUp();
    expect(await stage.end(reject(stage.client))).toBe('token-2-of-client');
  });

  test('allows one token request per window to an API that rejects everything, however many callers there are', async () => {
    const stage = new Stage();
    await stage.warmUp();
    for (let ms = 0; ms < 55_000; ms += 50) {
      reject(stage.client);
      await stage.pass(50);
    }
    expect(stage.sentAt.length).toBeLessThanOrEqual(1 + 55_000 / 5_500);
    expect(stage.endpoint.log.every(({ ending }) => ending === 'granted')).toBe(true);
  });
});

describe('minValidityMs', () => {
  test('takes the held token when it lives long enough', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(100_000);
    const call = stage.client.getToken({ minValidityMs: 200_000 });
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('takes a held token that is too short for spent, for this caller alone', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(100_001);
    stage.endpoint.latencyMs = 100;
    const demanding = stage.client.getToken({ minValidityMs: 200_000 });
    const modest = stage.client.getToken();
    await stage.settle();
    expect([outcomeOf(demanding), outcomeOf(modest)]).toEqual(['waits', 'token-1-of-client']);
    await stage.pass(100);
    expect(outcomeOf(demanding)).toBe('token-2-of-client');
  });

  test('gets a token fresh from the server as it is: asking again would not make it longer', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'judge', lifetimeMs: 60_000 });
    expect(await stage.end(stage.client.getToken({ minValidityMs: 120_000 }))).toBe('token-1-of-client');
    // Also one that would be long enough, had its answer not taken so long.
    const slow = new Stage();
    slow.endpoint.latencyMs = 100;
    expect(await slow.end(slow.client.getToken({ minValidityMs: 299_950 }))).toBe('token-1-of-client');
    const again = stage.client.getToken({ minValidityMs: 120_000 });
    await stage.settle();
    expect(outcomeOf(again)).toBe('token-1-of-client');
    expect(stage.sentAt).toHaveLength(1);
  });

  test('does not take a shared token that is too short, but asks for another', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(200_000);
    const other = stage.openClient();
    expect(await stage.end(other.getToken({ minValidityMs: 150_000 }))).toBe('token-2-of-client');
  });

  test('asks on when the flight under way brings a shared token that is too short', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(200_000);
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const other = stage.openClient();
    const modest = other.getToken();
    await stage.pass(50);
    const demanding = other.getToken({ minValidityMs: 150_000 });
    expect(await stage.end(modest)).toBe('token-1-of-client');
    expect(await stage.end(demanding)).toBe('token-2-of-client');
  });

  test('does not start the wait anew when a token came that was too short', async () => {
    const stage = new Stage({ maxWaitMs: 12_000 });
    await stage.warmUp();
    await stage.pass(200_000);
    const other = stage.openClient();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const modest = other.getToken();
    await stage.pass(50);
    stage.treat({ kind: 'hang' });
    const demanding = other.getToken({ minValidityMs: 150_000 });
    await stage.end(demanding);
    expect(outcomeOf(modest)).toBe('token-1-of-client');
    expect(demanding.outcome).toMatchObject({ at: demanding.startedAt + 12_000 });
  });

  test('is a number of milliseconds: everything else is an error that says so', async () => {
    const stage = new Stage();
    for (const minValidityMs of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const call = stage.client.getToken({ minValidityMs });
      await stage.settle();
      expect(outcomeOf(call)).toBe('configuration_invalid');
    }
  });
});

describe('status', () => {
  test('tells of a cold, a waiting, a failed, and a healed client, without a network call or a secret', async () => {
    const stage = new Stage({ maxWaitMs: 6_000 });
    const { lifecycle } = stage.client;
    expect(lifecycle.status()).toEqual({ state: 'cold', refreshing: false });
    stage.treat({ kind: 'busy', status: 503 });
    const call = stage.client.getToken();
    await stage.settle();
    expect(lifecycle.status()).toEqual({
      state: 'cold',
      refreshing: true,
      nextRequestAllowedAt: stage.clock.now() + 5_500,
      lastError: { code: 'token_endpoint_unavailable', at: stage.clock.now(), retryable: true },
    });
    stage.treat(judge);
    await stage.end(call);
    const now = stage.clock.now();
    expect(lifecycle.status()).toEqual({
      state: 'fresh',
      refreshing: false,
      obtainedAt: now,
      expiresAt: now + 300_000,
      nextRequestAllowedAt: now + 5_500,
    });
    expect(inspect(lifecycle.status())).not.toContain('token-1');
    expect(JSON.parse(JSON.stringify(lifecycle.status()))).toEqual(lifecycle.status());
    expect(stage.sentAt).toHaveLength(2);
  });

  test('tells of a closed client, and no longer when it would ask', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.client.lifecycle.close();
    expect(stage.client.lifecycle.status()).toEqual({ state: 'closed', refreshing: false });
  });
});

describe('close', () => {
  test.each([
    [
      'at the gate',
      async (stage: Stage) => {
        await stage.warmUp();
        reject(stage.client);
      },
    ],
    [
      'at the endpoint',
      async (stage: Stage) => {
        stage.treat({ kind: 'hang' });
        stage.client.getToken();
      },
    ],
    [
      'at the secret function',
      async (stage: Stage) => {
        stage.readSecret = () => new Promise(() => {});
        stage.client.getToken();
      },
    ],
    [
      'for the token of another client',
      async (stage: Stage) => {
        stage.treat({ kind: 'hang' });
        void stage.openClient().getToken();
        await stage.settle();
        stage.client.getToken();
      },
    ],
    [
      'for the backoff',
      async (stage: Stage) => {
        stage.treat({ kind: 'unreachable' });
        stage.client.getToken();
      },
    ],
  ])('rejects at once whoever waits %s, and leaves no timer', async (_, wait) => {
    const stage = new Stage();
    await wait(stage);
    await stage.settle();
    const call = stage.client.calls.at(-1);
    const others = stage.clock.sleeping;
    await stage.client.lifecycle.close();
    expect(call && outcomeOf(call)).toBe('client_closed');
    expect(stage.clock.sleeping).toBeLessThan(others);
    await stage.pass(60_000);
    expect(stage.clock.sleeping).toBe(0);
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'closed', refreshing: false });
  });

  test('rejects at once also whoever waits for a store that does not answer', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'hanging' };
    const call = stage.client.getToken();
    await stage.settle();
    void stage.client.lifecycle.close();
    await stage.settle();
    expect(outcomeOf(call)).toBe('client_closed');
  });

  test.each([
    ['what it is asked', 0],
    ['what it is told', 100],
  ])('ends when the store has answered %s, so that nothing is lost when the process ends next', async (_, ms) => {
    const stage = new Stage();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    stage.client.getToken();
    await stage.pass(ms);
    let isClosed = false;
    void stage.client.lifecycle.close().then(() => {
      isClosed = true;
    });
    await stage.pass(99);
    expect(isClosed).toBe(false);
    // Twice as long when what it was asked brought a right that has to be handed back.
    await stage.pass(101);
    expect(isClosed).toBe(true);
    expect(stage.clock.sleeping).toBe(0);
  });

  test('aborts the flight and tells the store that its request was sent', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'hang' });
    stage.client.getToken();
    await stage.pass(1_000);
    await stage.client.lifecycle.close();
    expect(stage.endpoint.log[0]).toMatchObject({ ending: 'aborted', settledAt: 1_000 });
    stage.treat(judge);
    await stage.end(stage.openClient().getToken());
    expect(stage.sentAt).toEqual([0, 6_500]);
  });

  test('makes every later call reject at once, whatever it asks for', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.client.lifecycle.close();
    const calls = [stage.client.getToken(), reject(stage.client), stage.client.getToken({ minValidityMs: 1 })];
    await stage.settle();
    expect(calls.map(outcomeOf)).toEqual(['client_closed', 'client_closed', 'client_closed']);
    expect(stage.client.lifecycle.peekToken()).toBeUndefined();
    expect(stage.sentAt).toHaveLength(1);
  });

  test('is harmless twice, and before anything has happened', async () => {
    const stage = new Stage();
    await Promise.all([stage.client.lifecycle.close(), stage.client.lifecycle.close()]);
    await stage.client.lifecycle.close();
    expect(stage.clock.sleeping).toBe(0);
  });

  test('during a background refresh leaves nothing behind', async () => {
    const unhandled = listenForUnhandled();
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(240_000);
    stage.treat({ kind: 'hang' });
    stage.client.getToken();
    await stage.settle();
    await stage.client.lifecycle.close();
    expect(stage.clock.sleeping).toBe(0);
    await stage.settle();
    expect(unhandled).toEqual([]);
  });

  test('in a listener, in the middle of everything, is kept to', async () => {
    for (const type of ['token_requested', 'token_obtained', 'gate_waited', 'token_rejected'] as const) {
      const stage = new Stage();
      if (type === 'gate_waited' || type === 'token_rejected') await stage.warmUp();
      stage.client.feed.subscribe((event) => {
        if (event.type === type) void stage.client.lifecycle.close();
      });
      const call = reject(stage.client);
      expect(await stage.end(call)).toBe('client_closed');
      expect(stage.client.lifecycle.status()).toEqual({ state: 'closed', refreshing: false });
      expect(stage.client.lifecycle.peekToken()).toBeUndefined();
      expect(stage.clock.sleeping).toBe(0);
    }
  });
});

describe('events', () => {
  test('tell the story of a token in order, with its reasons', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 100;
    await stage.warmUp();
    await stage.pass(240_000);
    stage.client.getToken();
    await stage.pass(100);
    const told = stage.client.events.map(({ at, environment, realm, ...details }: TokenEvent) => details);
    expect(told).toEqual([
      { type: 'token_requested', why: 'cold', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
      { type: 'token_requested', why: 'aging', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 100 },
    ]);
  });

  test('warn of a lifetime that the endpoint did not tell', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'judge', lifetimeMs: 300_000, lifetimeAssumed: true });
    await stage.end(stage.client.getToken());
    expect(stage.client.events[1]).toMatchObject({ type: 'lifetime_assumed', lifetimeMs: 300_000 });
  });

  test('may call the client back: a listener that asks for a token gets one', async () => {
    const stage = new Stage();
    const asked: Promise<unknown>[] = [];
    stage.client.feed.subscribe(() => {
      if (asked.length < 10) asked.push(stage.client.lifecycle.getToken());
    });
    await stage.warmUp();
    const [first] = stage.client.handedOut;
    expect(new Set(await Promise.all(asked))).toEqual(new Set([first]));
  });

  test('cannot be disturbed by a listener that throws or rejects', async () => {
    const unhandled = listenForUnhandled();
    const stage = new Stage();
    stage.client.feed.subscribe(() => {
      throw new Error('broken listener');
    });
    stage.client.feed.subscribe((async () => {
      throw new Error('broken async listener');
    }) as () => void);
    expect(await stage.warmUp()).toBe('token-1-of-client');
    expect(await stage.end(reject(stage.client))).toBe('token-2-of-client');
    await stage.settle();
    expect(unhandled).toEqual([]);
  });
});

describe('a wall clock that is stepped', () => {
  test.each([-86_400_000, 86_400_000])('by %d ms changes nothing but the stamps', async (stepMs) => {
    const stage = new Stage();
    await stage.warmUp();
    const { lifecycle } = stage.client;
    stage.clock.stepWallClock(stepMs);
    expect(lifecycle.status().state).toBe('fresh');
    await stage.pass(239_999);
    expect(lifecycle.peekToken()?.value).toBe('token-1-of-client');
    expect(lifecycle.status().state).toBe('fresh');
    await stage.pass(50_001);
    expect(lifecycle.status().state).toBe('spent');
    await stage.end(stage.client.getToken());
    expect(stage.client.handedOut[0]?.expiresAt).toBe(stage.clock.now() + 300_000);
  });
});
