import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import type { ClaimAnswer, TokenStore } from '../../src/store/token-store.ts';
import type { Call, SimulatedClient } from './simulated-client.ts';
import { outcomeOf, Stage } from './stage.ts';

const judge = { kind: 'judge', lifetimeMs: 300_000 } as const;

/** Makes the held token one that the API refuses. */
function reject(client: SimulatedClient) {
  const [rejected] = client.handedOut;
  return client.getToken(rejected && { rejected });
}

function eventsOf({ events }: SimulatedClient, type: string) {
  return events.filter((event) => event.type === type).map(({ at, environment, realm, ...details }) => details);
}

function messageOf({ outcome }: Call): string {
  return outcome?.error instanceof Error ? outcome.error.message : '';
}

describe('the gate', () => {
  test('keeps the interval after the answer, not after the request: a slow answer may have been counted late', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 3_000;
    await stage.warmUp();
    await stage.end(reject(stage.client));
    expect(stage.sentAt).toEqual([0, 8_500]);
    expect(eventsOf(stage.client, 'gate_waited')).toEqual([{ type: 'gate_waited', waitMs: 5_500 }]);
  });

  test.each([
    ['while the store works', 'none'],
    ['while the store is away', 'rejecting'],
  ] as const)('keeps the interval after a request that was given up %s: it may have been counted', async (_, kind) => {
    const stage = new Stage();
    stage.store.fault = { kind };
    stage.treat({ kind: 'hang' });
    const abort = new AbortController();
    stage.client.getToken(undefined, abort);
    await stage.pass(1_000);
    abort.abort(new Error('left'));
    stage.treat(judge);
    expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    expect(stage.sentAt).toEqual([0, 6_500]);
  });

  test.each([
    ['a lost answer', { kind: 'lost', lifetimeMs: 1 }],
    ['an answer 503', { kind: 'busy', status: 503 }],
    ['an answer 401', { kind: 'deny' }],
  ] as const)('keeps the interval after %s', async (_, treatment) => {
    const stage = new Stage();
    stage.treat(treatment);
    const call = stage.client.getToken();
    await stage.settle();
    stage.treat(judge);
    await stage.end(call);
    expect(stage.sentAt[1]).toBe(5_500);
  });

  test('keeps the interval after a refusal that ends a call', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'refuse' });
    expect(await stage.end(stage.client.getToken())).toBe('token_request_refused');
    stage.treat(judge);
    await stage.end(stage.client.getToken());
    expect(stage.sentAt).toEqual([0, 5_500]);
  });

  test('does not make callers wait after a request that never reached the server, but backs off', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'unreachable' });
    const call = stage.client.getToken();
    await stage.pass(1_749);
    stage.treat(judge);
    await stage.end(call);
    expect(stage.sentAt).toEqual([0, 250, 750, 1_750]);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('holds for this client also while the store is away', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'rejecting' };
    await stage.warmUp();
    await stage.end(reject(stage.client));
    expect(stage.sentAt).toEqual([0, 5_500]);
  });

  test('holds among the clients of one store, also for one that has never asked', async () => {
    const stage = new Stage();
    await stage.warmUp();
    const other = stage.openClient();
    await stage.end(other.getToken({ minValidityMs: 400_000 }));
    expect(stage.sentAt).toEqual([0, 5_500]);
  });

  test('is not passed by a timer that wakes a hair early, as those of Node do', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'rejecting' };
    await stage.warmUp();
    const { clock } = stage;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => sleep(Math.max(0, ms - 0.75), signal);
    await stage.end(reject(stage.client));
    expect(stage.sentAt[1]).toBeGreaterThanOrEqual(5_500);
  });

  test('stays closed for other clients after a failed attempt that was sent', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'refuse' });
    await stage.end(stage.client.getToken());
    stage.treat(judge);
    await stage.end(stage.openClient().getToken());
    expect(stage.sentAt).toEqual([0, 5_500]);
  });

  test('is open for other clients after an attempt that never left', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'unreachable' });
    stage.client.getToken();
    await stage.settle();
    stage.treat(judge);
    await stage.end(stage.openClient().getToken());
    expect(stage.sentAt).toEqual([0, 0]);
  });

  test('is not closed by a right to ask that came when everybody had left', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const abort = new AbortController();
    stage.client.getToken(undefined, abort);
    await stage.pass(50);
    abort.abort(new Error('left'));
    await stage.pass(150);
    expect(eventsOf(stage.client, 'token_requested')).toEqual([]);
    stage.store.fault = { kind: 'none' };
    const call = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('is asked about only when the store knows how the last request ended', async () => {
    const stage = new Stage({ minIntervalMs: 0 });
    const claimedAt: number[] = [];
    const open = stage.store.open.bind(stage.store);
    stage.store.open = (onToken): TokenStore => {
      const store = open(onToken);
      const claim: TokenStore['claim'] = (key, request) => {
        claimedAt.push(stage.clock.monotonic());
        return store.claim(key, request);
      };
      return { ...store, claim };
    };
    const client = stage.openClient();
    stage.store.fault = { kind: 'slow', answersAfterMs: 100 };
    stage.treat({ kind: 'deny' });
    await stage.end(client.getToken());
    expect(claimedAt).toEqual([0, 200]);
  });

  test('is left out of account by a client that must not wait, without flooding a server in trouble', async () => {
    const stage = new Stage({ minIntervalMs: 0 });
    stage.treat({ kind: 'busy', status: 503 });
    expect(await stage.end(stage.client.getToken())).toBe('token_endpoint_unavailable');
    expect(stage.sentAt.length).toBeLessThan(12);
  });
});

describe('the ambiguous 401', () => {
  test('is asked about once more when the window has passed: the throttle costs time, not calls', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'deny' });
    const call = stage.client.getToken();
    await stage.pass(1);
    stage.treat(judge);
    expect(await stage.end(call)).toBe('token-1-of-client');
    expect(stage.sentAt).toEqual([0, 5_500]);
    expect(eventsOf(stage.client, 'token_request_failed')).toEqual([
      {
        type: 'token_request_failed',
        code: 'token_request_throttled',
        status: 401,
        retryInMs: 5_500,
        stillServing: false,
      },
    ]);
  });

  test('is a rejection the second time', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'deny' });
    expect(await stage.end(stage.client.getToken())).toBe('credentials_rejected');
    expect(stage.sentAt).toEqual([0, 5_500]);
    expect(stage.client.lifecycle.status().lastError).toMatchObject({ code: 'credentials_rejected', retryable: false });
  });

  test('heals by itself when the secret was rotated in between', async () => {
    const stage = new Stage();
    stage.endpoint.secrets.set('client', new Set(['rotated']));
    const call = stage.client.getToken();
    await stage.pass(1_000);
    stage.readSecret = async () => 'rotated';
    expect(await stage.end(call)).toBe('token-1-of-client');
    expect(stage.endpoint.log.map(({ secret }) => secret)).toEqual(['secret', 'rotated']);
  });

  test('is told as a throttle, not as a rejection, to a caller who cannot wait for the second answer', async () => {
    const stage = new Stage({ maxWaitMs: 5_000 });
    stage.treat({ kind: 'deny' });
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_throttled');
    expect(call.outcome?.at).toBe(0);
    expect(call.outcome?.error).toMatchObject({ status: 401, retryAfterMs: 5_500, retryable: true });
  });
});

describe('a 401 after a grant', () => {
  test('is the first one, also when the granted token was dead on arrival', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'deny' });
    const call = stage.client.getToken();
    await stage.settle();
    stage.endpoint.latencyMs = 30;
    stage.treat({ kind: 'judge', lifetimeMs: 1 });
    await stage.pass(5_530);
    stage.treat({ kind: 'deny' });
    await stage.pass(5_530);
    expect(stage.endpoint.log.map(({ ending }) => ending)).toEqual(['denied', 'granted', 'denied']);
    expect(outcomeOf(call)).toBe('waits');
    stage.treat(judge);
    expect(await stage.end(call)).toBe('token-2-of-client');
  });
});

describe('the cool-down after credentials_rejected', () => {
  async function rejectedStage(): Promise<Stage> {
    const stage = new Stage();
    stage.treat({ kind: 'deny' });
    expect(await stage.end(stage.client.getToken())).toBe('credentials_rejected');
    return stage;
  }

  test('answers with the same error without a request', async () => {
    const stage = await rejectedStage();
    const [first] = stage.client.calls;
    await stage.pass(5_499);
    const call = stage.client.getToken();
    await stage.settle();
    expect(call.outcome?.error).toBe(first?.outcome?.error);
    expect(stage.sentAt).toHaveLength(2);
  });

  test('doubles from one window to 60 s, so that a wrong secret does not keep the throttle busy', async () => {
    const stage = await rejectedStage();
    for (let ms = 0; ms < 400_000; ms += 100) {
      stage.client.getToken();
      await stage.pass(100);
    }
    const gaps = stage.sentAt.slice(1).map((at, index) => at - (stage.sentAt[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 100) * 100)).toEqual([
      5_500, 5_500, 11_000, 22_000, 44_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('ends when the secret function returns something else: a repaired secret does not wait a minute', async () => {
    const stage = await rejectedStage();
    await stage.pass(5_400);
    stage.client.getToken();
    await stage.pass(100);
    expect(await stage.end(stage.client.getToken())).toBe('credentials_rejected');
    await stage.pass(6_000);
    stage.readSecret = async () => 'rotated';
    stage.endpoint.secrets.set('client', new Set(['rotated']));
    stage.treat(judge);
    const call = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('does not hide a token that another client of the store has', async () => {
    const stage = new Stage();
    const other = stage.openClient();
    stage.treat({ kind: 'deny' });
    await stage.end(stage.client.getToken());
    stage.treat(judge);
    await stage.end(other.getToken());
    await stage.pass(1_000);
    const call = stage.client.getToken();
    await stage.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
    expect(stage.client.lifecycle.status().lastError).toBeUndefined();
  });

  test('shows in the status: a health check can say when it is worth asking again', async () => {
    const stage = await rejectedStage();
    expect(stage.client.lifecycle.status().nextRequestAllowedAt).toBe(stage.clock.now() + 5_500);
    await stage.pass(5_500);
    expect(stage.client.lifecycle.status().nextRequestAllowedAt).toBeUndefined();
  });
});

describe('failures that pass', () => {
  test.each([
    ['an answer 503', { kind: 'busy', status: 503 }, 'token_endpoint_unavailable', 503],
    ['an answer 429', { kind: 'busy', status: 429 }, 'token_request_throttled', 429],
    ['a lost answer', { kind: 'lost', lifetimeMs: 1 }, 'token_endpoint_unavailable', undefined],
    ['no answer', { kind: 'hang' }, 'token_request_timeout', undefined],
  ] as const)('are asked again: %s', async (_, treatment, code, status) => {
    const stage = new Stage();
    stage.treat(treatment);
    const call = stage.client.getToken();
    await stage.pass(10_000);
    stage.treat(judge);
    expect(await stage.end(call)).toBe('token-1-of-client');
    const [failure] = eventsOf(stage.client, 'token_request_failed');
    expect(failure).toEqual({
      type: 'token_request_failed',
      code,
      ...(status && { status }),
      retryInMs: 5_500,
      stillServing: false,
    });
    expect(eventsOf(stage.client, 'token_requested').slice(0, 2)).toEqual([
      { type: 'token_requested', why: 'cold', attempt: 1 },
      { type: 'token_requested', why: 'cold', attempt: 2 },
    ]);
  });

  test('end in the last failure, as soon as the next attempt comes too late for everyone', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'busy', status: 503 });
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_endpoint_unavailable');
    expect(stage.sentAt).toEqual([0, 5_500, 11_000, 16_500, 22_000, 27_500]);
    expect(call.outcome?.at).toBe(27_500);
    const [last] = eventsOf(stage.client, 'token_request_failed').slice(-1);
    expect(last).not.toHaveProperty('retryInMs');
  });

  test('are asked again for the one who came last, although the first one must give up', async () => {
    const stage = new Stage({ maxWaitMs: 12_000 });
    stage.treat({ kind: 'busy', status: 503 });
    const first = stage.client.getToken();
    await stage.pass(10_000);
    const last = stage.client.getToken();
    await stage.pass(2_000);
    expect(outcomeOf(first)).toBe('token_endpoint_unavailable');
    expect(outcomeOf(last)).toBe('waits');
    stage.treat(judge);
    expect(await stage.end(last)).toBe('token-1-of-client');
  });

  test('wait as long as Retry-After says', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'busy', status: 429, retryAfterMs: 12_345 });
    const call = stage.client.getToken();
    await stage.settle();
    stage.treat(judge);
    expect(await stage.end(call)).toBe('token-1-of-client');
    expect(stage.sentAt).toEqual([0, 12_345]);
  });

  test('fail at once when Retry-After is longer than anyone waits, and tell how long it is', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'busy', status: 503, retryAfterMs: 40_000 });
    const call = stage.client.getToken();
    await stage.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_endpoint_unavailable', retryAfterMs: 40_000 });
    await stage.pass(1_000);
    const next = stage.client.getToken();
    await stage.settle();
    expect(next.outcome?.error).toMatchObject({
      code: 'token_endpoint_unavailable',
      status: 503,
      retryAfterMs: 39_000,
    });
    expect(stage.sentAt).toEqual([0]);
  });

  test('honour Retry-After also after a token of another client was found meanwhile', async () => {
    const stage = new Stage();
    const other = stage.openClient();
    stage.treat({ kind: 'busy', status: 503, retryAfterMs: 60_000 });
    await stage.end(stage.client.getToken());
    await stage.pass(6_000);
    stage.treat(judge);
    await stage.end(other.getToken());
    expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    await stage.pass(10_000);
    expect(await stage.end(reject(stage.client))).toBe('token_request_throttled');
    await stage.pass(20_000);
    await stage.end(stage.client.getToken());
    expect(stage.sentAt).toEqual([0, 6_000, 60_000]);
  });

  test('count a token that is dead on arrival, instead of handing it out', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 3_000;
    stage.treat({ kind: 'judge', lifetimeMs: 2_000 });
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_timeout');
    expect(stage.sentAt).toEqual([0, 8_500, 17_000, 25_500]);
    stage.treat(judge);
    await stage.pass(5_500);
    expect(await stage.end(stage.client.getToken())).toBe('token-5-of-client');
  });
});

describe('what will not pass', () => {
  test('is told at once, to all who wait', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 100;
    stage.treat({ kind: 'refuse' });
    const calls = [stage.client.getToken(), stage.client.getToken()];
    await stage.pass(100);
    expect(calls.map(outcomeOf)).toEqual(['token_request_refused', 'token_request_refused']);
    expect(calls[0]?.outcome?.error).toBe(calls[1]?.outcome?.error);
    expect(stage.sentAt).toHaveLength(1);
  });
});

describe('the secret function', () => {
  test('is asked before every request', async () => {
    const stage = new Stage();
    let asked = 0;
    stage.readSecret = async () => {
      asked++;
      return 'secret';
    };
    await stage.warmUp();
    await stage.end(reject(stage.client));
    expect(asked).toBe(2);
  });

  test('that fails fails the call with its own error, and the next call asks it again', async () => {
    const stage = new Stage();
    stage.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    expect(await stage.end(stage.client.getToken())).toBe('configuration_invalid');
    stage.readSecret = async () => 'secret';
    expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    expect(stage.clock.monotonic()).toBe(250);
  });

  test('that hangs cannot hang a call', async () => {
    const stage = new Stage();
    stage.readSecret = () => new Promise(() => {});
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(10_000);
    expect(messageOf(call)).toContain('clientSecret function');
  });

  test('that hangs does not outlive the last caller or close', async () => {
    const stage = new Stage();
    stage.readSecret = () => new Promise(() => {});
    const abort = new AbortController();
    stage.client.getToken(undefined, abort);
    await stage.pass(1_000);
    abort.abort(new Error('left'));
    await stage.settle();
    expect(stage.clock.sleeping).toBe(0);
    stage.client.getToken();
    await stage.settle();
    await stage.client.lifecycle.close();
    expect(stage.clock.sleeping).toBe(0);
  });
});

describe('the reason why a caller waited in vain', () => {
  test('is the gate, with the time at which it opens', async () => {
    const stage = new Stage({ maxWaitMs: 3_000 });
    await stage.warmUp();
    await stage.pass(1_000);
    const call = reject(stage.client);
    await stage.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('is the gate of the store, with the time at which that opens', async () => {
    const stage = new Stage({ maxWaitMs: 3_000 });
    await stage.warmUp();
    await stage.pass(1_000);
    const call = stage.openClient().getToken({ minValidityMs: 400_000 });
    await stage.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('is the endpoint that has not answered', async () => {
    const stage = new Stage({ maxWaitMs: 3_000 });
    stage.treat({ kind: 'hang' });
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(3_000);
    expect(messageOf(call)).toContain('token endpoint');
  });

  test('is another client of the store that holds the right to ask', async () => {
    const stage = new Stage({ maxWaitMs: 3_000 });
    stage.treat({ kind: 'hang' });
    const other = stage.openClient({ maxWaitMs: 30_000 });
    other.getToken();
    await stage.settle();
    const call = stage.client.getToken();
    expect(await stage.end(call)).toBe('token_request_throttled');
    expect(messageOf(call)).toContain('another client');
  });

  test('is never a secret, and names realm and environment', async () => {
    const stage = new Stage({ maxWaitMs: 3_000 });
    stage.readSecret = async () => 'planted-secret';
    stage.treat({ kind: 'deny' });
    const call = stage.client.getToken();
    await stage.end(call);
    expect(messageOf(call)).toContain('a simulation');
    expect(inspect(call.outcome?.error, { depth: null, showHidden: true })).not.toContain('planted-secret');
  });
});

describe('clients of one store', () => {
  test('share one token: the losers of the race wait for the winner’s', async () => {
    const stage = new Stage();
    stage.endpoint.latencyMs = 400;
    const others = Array.from({ length: 7 }, () => stage.openClient());
    const calls = [stage.client, ...others].map((client) => client.getToken());
    for (const call of calls) await stage.end(call);
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(stage.sentAt).toHaveLength(1);
    expect(calls.every(({ outcome }) => (outcome?.at ?? 0) < 1_000)).toBe(true);
    expect(eventsOf(others[0] as SimulatedClient, 'token_obtained')).toEqual([
      { type: 'token_obtained', from: 'store', lifetimeMs: 300_000, tookMs: expect.any(Number) },
    ]);
  });

  test('do not take the remaining life of a shared token for a whole one', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(100_000);
    const other = stage.openClient();
    await stage.end(other.getToken());
    const { obtainedAt, expiresAt } = other.lifecycle.status();
    expect([obtainedAt, expiresAt]).toEqual([stage.clock.now() - 100_000, stage.clock.now() + 200_000]);
    await stage.pass(140_000);
    expect(other.lifecycle.status().state).toBe('aging');
  });

  test('count the life of a shared token from before a slow store was asked', async () => {
    const stage = new Stage();
    await stage.warmUp();
    stage.store.fault = { kind: 'slow', answersAfterMs: 200 };
    const other = stage.openClient();
    await stage.end(other.getToken());
    expect(other.lifecycle.status().expiresAt).toBe(stage.clock.now() + 300_000 - 200);
  });

  test('are not misled by one that dies while it asks: its lease ends, and another one goes on', async () => {
    const stage = new Stage();
    stage.treat({ kind: 'hang' });
    const dying = stage.openClient();
    dying.getToken();
    await stage.settle();
    // What a dead process does from here on, no store hears of.
    stage.store.fault = { kind: 'hanging' };
    void dying.lifecycle.close();
    await stage.settle();
    stage.store.fault = { kind: 'none' };
    stage.treat(judge);
    expect(await stage.end(stage.client.getToken())).toBe('token-1-of-client');
    expect(stage.sentAt[1]).toBe(16_500);
  });

  test('hand back a right to ask that a slow store granted too late', async () => {
    const stage = new Stage();
    stage.store.fault = { kind: 'slow', answersAfterMs: 300 };
    const call = stage.client.getToken();
    await stage.pass(250);
    expect(outcomeOf(call)).toBe('token-1-of-client');
    stage.store.fault = { kind: 'none' };
    await stage.pass(50);
    const other = stage.openClient();
    await stage.end(other.getToken());
    // Not after the lease, which would have been at 11 s.
    expect(stage.sentAt).toEqual([250, 5_800]);
  });

  test('work on their own while the store is away, and say so in events', async () => {
    const stage = new Stage();
    for (const kind of ['rejecting', 'throwing', 'hanging'] as const) {
      stage.store.fault = { kind };
      const client = stage.openClient();
      await stage.pass(10_000);
      const call = client.getToken();
      expect(await stage.end(call)).toMatch(/^token-/);
      expect(eventsOf(client, 'store_failed')[0]).toEqual({
        type: 'store_failed',
        operation: 'claim',
        timedOut: kind === 'hanging',
      });
    }
    expect(stage.sentAt).toHaveLength(3);
  });

  test('do not look for the winner’s token any longer than their own serves them', async () => {
    const stage = new Stage();
    await stage.warmUp();
    await stage.pass(240_000);
    const slow = stage.openClient({ timeoutMs: 500_000, maxWaitMs: 500_000 });
    stage.treat({ kind: 'hang' });
    slow.getToken({ minValidityMs: 200_000 });
    await stage.settle();
    stage.client.getToken();
    await stage.pass(49_000);
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'aging', refreshing: true });
    await stage.pass(3_000);
    expect(stage.client.lifecycle.status()).toMatchObject({ state: 'spent', refreshing: false });
  });

  test('do not spin when a store says that the gate opens in 0 ms, again and again', async () => {
    const stage = new Stage();
    let claims = 0;
    const original = stage.store.open.bind(stage.store);
    stage.store.open = (onToken): TokenStore => ({
      ...original(onToken),
      claim: async (): Promise<ClaimAnswer> => {
        claims++;
        if (claims > 10_000) throw new Error('spins');
        return { outcome: 'wait', waitMs: 0, because: 'closed' };
      },
    });
    const client = stage.openClient({ maxWaitMs: 1_000 });
    expect(await stage.end(client.getToken())).toBe('token_request_throttled');
    expect(claims).toBeLessThan(500);
  });
});

describe('a process that was frozen', () => {
  /** A client that sleeps once between the moment at which the store grants its claim and the one at which it knows. */
  function openFrozenClient(stage: Stage, frozenMs: number): SimulatedClient {
    const { clock, store } = stage;
    const open = store.open.bind(store);
    let leftMs = frozenMs;
    store.open = (onToken): TokenStore => {
      const handle = open(onToken);
      const claim: TokenStore['claim'] = async (key, request) => {
        const answer = await handle.claim(key, request);
        const monotonic = clock.monotonic.bind(clock);
        const wokenAt = monotonic() + leftMs;
        leftMs = 0;
        clock.monotonic = () => Math.max(monotonic(), wokenAt);
        return answer;
      };
      return { ...handle, claim };
    };
    return stage.openClient();
  }

  test('does not send under a lease that has run out meanwhile', async () => {
    const stage = new Stage();
    const call = openFrozenClient(stage, 12_000).getToken();
    await stage.settle();
    expect(stage.sentAt.filter((at) => at < 16_500)).toEqual([]);
    await stage.end(call);
  });

  test('gives its request no longer than what is left of its lease', async () => {
    const stage = new Stage();
    openFrozenClient(stage, 5_000).getToken();
    await stage.settle();
    expect(stage.endpoint.log[0]).toMatchObject({ sentAt: 5_000, limitMs: 6_000 });
  });
});
