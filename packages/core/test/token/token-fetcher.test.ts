import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import type { ClaimResult, TokenStore } from '../../src/store/token-store.ts';
import { LifecycleFixture, outcomeOf } from './lifecycle-fixture.ts';
import type { Call, SimulatedClient } from './simulated-client.ts';

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
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 3_000;
    await fixture.warmUp();
    await fixture.end(reject(fixture.client));
    expect(fixture.sentAt).toEqual([0, 8_500]);
    expect(eventsOf(fixture.client, 'waiting')).toEqual([{ type: 'waiting', for: 'throttle', waitMs: 5_500 }]);
  });

  test.each([
    ['while the store works', 'none'],
    ['while the store is away', 'rejecting'],
  ] as const)('keeps the interval after a request that was given up %s: it may have been counted', async (_, kind) => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind };
    fixture.treat({ kind: 'hang' });
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.pass(1_000);
    abort.abort(new Error('left'));
    await fixture.settle();
    fixture.treat(judge);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 6_500]);
  });

  test.each([
    ['a lost answer', { kind: 'lost', lifetimeMs: 1 }],
    ['an answer 503', { kind: 'busy', status: 503 }],
    ['an answer 401', { kind: 'deny' }],
  ] as const)('keeps the interval after %s', async (_, treatment) => {
    const fixture = new LifecycleFixture();
    fixture.treat(treatment);
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    await fixture.end(call);
    expect(fixture.sentAt[1]).toBe(5_500);
  });

  test('keeps the interval after a refusal that ends a call', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'refuse' });
    expect(await fixture.end(fixture.client.getToken())).toBe('token_request_refused');
    fixture.treat(judge);
    await fixture.end(fixture.client.getToken());
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('does not make callers wait after a request that never reached the server, but backs off', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'unreachable' });
    const call = fixture.client.getToken();
    await fixture.pass(1_749);
    fixture.treat(judge);
    await fixture.end(call);
    expect(fixture.sentAt).toEqual([0, 250, 750, 1_750]);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('holds for this client also while the store is away', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.warmUp();
    await fixture.end(reject(fixture.client));
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('holds among the clients of one store, also for one that has never asked', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    const other = fixture.openClient();
    await fixture.end(other.getToken({ minValidityMs: 400_000 }));
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('is not passed by a timer that wakes a hair early, as those of Node do', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.warmUp();
    const { clock } = fixture;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => sleep(Math.max(0, ms - 0.75), signal);
    await fixture.end(reject(fixture.client));
    expect(fixture.sentAt[1]).toBeGreaterThanOrEqual(5_500);
  });

  test('stays closed for other clients after a failed attempt that was sent', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'refuse' });
    await fixture.end(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.end(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('is open for other clients after an attempt that never left', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'unreachable' });
    fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    await fixture.end(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 0]);
  });

  test('is not closed by a right to ask that came when everybody had left', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.pass(50);
    abort.abort(new Error('left'));
    await fixture.pass(150);
    expect(eventsOf(fixture.client, 'token_requested')).toEqual([]);
    fixture.store.fault = { kind: 'none' };
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('is asked about only when the store knows how the last request ended', async () => {
    const fixture = new LifecycleFixture({ minIntervalMs: 0 });
    const claimedAt: number[] = [];
    const open = fixture.store.open.bind(fixture.store);
    fixture.store.open = (onToken): TokenStore => {
      const store = open(onToken);
      const claim: TokenStore['claim'] = (key, request) => {
        claimedAt.push(fixture.clock.monotonic());
        return store.claim(key, request);
      };
      return { ...store, claim };
    };
    const client = fixture.openClient();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 100 };
    fixture.treat({ kind: 'deny' });
    await fixture.end(client.getToken());
    expect(claimedAt).toEqual([0, 200]);
  });

  test('is left out of account by a client that must not wait, without flooding a server in trouble', async () => {
    const fixture = new LifecycleFixture({ minIntervalMs: 0 });
    fixture.treat({ kind: 'busy', status: 503 });
    expect(await fixture.end(fixture.client.getToken())).toBe('token_endpoint_unavailable');
    expect(fixture.sentAt.length).toBeLessThan(12);
  });
});

describe('the ambiguous 401', () => {
  test('is asked about once more when the window has passed: the throttle costs time, not calls', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.pass(1);
    fixture.treat(judge);
    expect(await fixture.end(call)).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 5_500]);
    expect(eventsOf(fixture.client, 'token_request_failed')).toEqual([
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
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    expect(await fixture.end(fixture.client.getToken())).toBe('credentials_rejected');
    expect(fixture.sentAt).toEqual([0, 5_500]);
    expect(fixture.client.manager.status().lastError).toMatchObject({ code: 'credentials_rejected', retryable: false });
  });

  test('heals by itself when the secret was rotated in between', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.secrets.set('client', new Set(['rotated']));
    const call = fixture.client.getToken();
    await fixture.pass(1_000);
    fixture.readSecret = async () => 'rotated';
    expect(await fixture.end(call)).toBe('token-1-of-client');
    expect(fixture.endpoint.log.map(({ secret }) => secret)).toEqual(['secret', 'rotated']);
  });

  test('is told as a throttle, not as a rejection, to a caller who cannot wait for the second answer', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 5_000 });
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_throttled');
    expect(call.outcome?.at).toBe(0);
    expect(call.outcome?.error).toMatchObject({ status: 401, retryAfterMs: 5_500, retryable: true });
  });
});

describe('a 401 after a grant', () => {
  test('is the first one, also when the granted token was dead on arrival', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.endpoint.latencyMs = 30;
    fixture.treat({ kind: 'judge', lifetimeMs: 1 });
    await fixture.pass(5_530);
    fixture.treat({ kind: 'deny' });
    await fixture.pass(5_530);
    expect(fixture.endpoint.log.map(({ ending }) => ending)).toEqual(['denied', 'issued', 'denied']);
    expect(outcomeOf(call)).toBe('waits');
    fixture.treat(judge);
    expect(await fixture.end(call)).toBe('token-2-of-client');
  });
});

describe('the cool-down after credentials_rejected', () => {
  async function rejectedFixture(): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    expect(await fixture.end(fixture.client.getToken())).toBe('credentials_rejected');
    return fixture;
  }

  test('answers with the same error without a request', async () => {
    const fixture = await rejectedFixture();
    const [first] = fixture.client.calls;
    await fixture.pass(5_499);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(call.outcome?.error).toBe(first?.outcome?.error);
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('doubles from one window to 60 s, so that a wrong secret does not keep the throttle busy', async () => {
    const fixture = await rejectedFixture();
    for (let ms = 0; ms < 400_000; ms += 100) {
      fixture.client.getToken();
      await fixture.pass(100);
    }
    const gaps = fixture.sentAt.slice(1).map((at, index) => at - (fixture.sentAt[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 100) * 100)).toEqual([
      5_500, 5_500, 11_000, 22_000, 44_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('ends when the secret function returns something else: a repaired secret does not wait a minute', async () => {
    const fixture = await rejectedFixture();
    await fixture.pass(5_400);
    fixture.client.getToken();
    await fixture.pass(100);
    expect(await fixture.end(fixture.client.getToken())).toBe('credentials_rejected');
    await fixture.pass(6_000);
    fixture.readSecret = async () => 'rotated';
    fixture.endpoint.secrets.set('client', new Set(['rotated']));
    fixture.treat(judge);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('does not hide a token that another client of the store has', async () => {
    const fixture = new LifecycleFixture();
    const other = fixture.openClient();
    fixture.treat({ kind: 'deny' });
    await fixture.end(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.end(other.getToken());
    await fixture.pass(1_000);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
    expect(fixture.client.manager.status().lastError).toBeUndefined();
  });

  test('shows in the status: a health check can say when it is worth asking again', async () => {
    const fixture = await rejectedFixture();
    expect(fixture.client.manager.status().nextRequestAllowedAt).toBe(fixture.clock.now() + 5_500);
    await fixture.pass(5_500);
    expect(fixture.client.manager.status().nextRequestAllowedAt).toBeUndefined();
  });
});

describe('failures that pass', () => {
  test.each([
    ['an answer 503', { kind: 'busy', status: 503 }, 'token_endpoint_unavailable', 503],
    ['an answer 429', { kind: 'busy', status: 429 }, 'token_request_throttled', 429],
    ['a lost answer', { kind: 'lost', lifetimeMs: 1 }, 'token_endpoint_unavailable', undefined],
    ['no answer', { kind: 'hang' }, 'token_request_timeout', undefined],
  ] as const)('are asked again: %s', async (_, treatment, code, status) => {
    const fixture = new LifecycleFixture();
    fixture.treat(treatment);
    const call = fixture.client.getToken();
    await fixture.pass(10_000);
    fixture.treat(judge);
    expect(await fixture.end(call)).toBe('token-1-of-client');
    const [failure] = eventsOf(fixture.client, 'token_request_failed');
    expect(failure).toEqual({
      type: 'token_request_failed',
      code,
      ...(status && { status }),
      retryInMs: 5_500,
      stillServing: false,
    });
    expect(eventsOf(fixture.client, 'token_requested').slice(0, 2)).toEqual([
      { type: 'token_requested', why: 'missing', attempt: 1 },
      { type: 'token_requested', why: 'missing', attempt: 2 },
    ]);
  });

  test('end in the last failure, as soon as the next attempt comes too late for everyone', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 503 });
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_endpoint_unavailable');
    expect(fixture.sentAt).toEqual([0, 5_500, 11_000, 16_500, 22_000, 27_500]);
    expect(call.outcome?.at).toBe(27_500);
    const [last] = eventsOf(fixture.client, 'token_request_failed').slice(-1);
    expect(last).not.toHaveProperty('retryInMs');
  });

  test('are asked again for the one who came last, although the first one must give up', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 12_000 });
    fixture.treat({ kind: 'busy', status: 503 });
    const first = fixture.client.getToken();
    await fixture.pass(10_000);
    const last = fixture.client.getToken();
    await fixture.pass(2_000);
    expect(outcomeOf(first)).toBe('token_endpoint_unavailable');
    expect(outcomeOf(last)).toBe('waits');
    fixture.treat(judge);
    expect(await fixture.end(last)).toBe('token-1-of-client');
  });

  test('wait as long as Retry-After says', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 429, retryAfterMs: 12_345 });
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    expect(await fixture.end(call)).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 12_345]);
  });

  test('fail at once when Retry-After is longer than anyone waits, and tell how long it is', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 40_000 });
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_endpoint_unavailable', retryAfterMs: 40_000 });
    await fixture.pass(1_000);
    const next = fixture.client.getToken();
    await fixture.settle();
    expect(next.outcome?.error).toMatchObject({
      code: 'token_endpoint_unavailable',
      status: 503,
      retryAfterMs: 39_000,
    });
    expect(fixture.sentAt).toEqual([0]);
  });

  test('honour Retry-After also after a token of another client was found meanwhile', async () => {
    const fixture = new LifecycleFixture();
    const other = fixture.openClient();
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 60_000 });
    await fixture.end(fixture.client.getToken());
    await fixture.pass(6_000);
    fixture.treat(judge);
    await fixture.end(other.getToken());
    expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    await fixture.pass(10_000);
    const refused = reject(fixture.client);
    expect(await fixture.end(refused)).toBe('token_endpoint_unavailable');
    expect(refused.outcome?.error).toMatchObject({ retryAfterMs: 44_000 });
    await fixture.pass(20_000);
    await fixture.end(fixture.client.getToken());
    expect(fixture.sentAt).toEqual([0, 6_000, 60_000]);
  });

  test('count a token that is dead on arrival, instead of handing it out', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 3_000;
    fixture.treat({ kind: 'judge', lifetimeMs: 2_000 });
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_timeout');
    expect(fixture.sentAt).toEqual([0, 8_500, 17_000, 25_500]);
    fixture.treat(judge);
    await fixture.pass(5_500);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-5-of-client');
  });
});

describe('what will not pass', () => {
  test('is told at once, to all who wait', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    fixture.treat({ kind: 'refuse' });
    const calls = [fixture.client.getToken(), fixture.client.getToken()];
    await fixture.pass(100);
    expect(calls.map(outcomeOf)).toEqual(['token_request_refused', 'token_request_refused']);
    expect(calls[0]?.outcome?.error).toBe(calls[1]?.outcome?.error);
    expect(fixture.sentAt).toHaveLength(1);
  });
});

describe('the secret function', () => {
  test('is asked before every request', async () => {
    const fixture = new LifecycleFixture();
    let asked = 0;
    fixture.readSecret = async () => {
      asked++;
      return 'secret';
    };
    await fixture.warmUp();
    await fixture.end(reject(fixture.client));
    expect(asked).toBe(2);
  });

  test('that fails fails the call with its own error, and the next call asks it again', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    expect(await fixture.end(fixture.client.getToken())).toBe('configuration_invalid');
    fixture.readSecret = async () => 'secret';
    expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.clock.monotonic()).toBe(250);
  });

  test('that hangs cannot hang a call', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => new Promise(() => {});
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(10_000);
    expect(messageOf(call)).toContain('clientSecret function');
  });

  test('that hangs does not outlive the last caller or close', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => new Promise(() => {});
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.pass(1_000);
    abort.abort(new Error('left'));
    await fixture.settle();
    expect(fixture.clock.sleeping).toBe(0);
    fixture.client.getToken();
    await fixture.settle();
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
  });
});

describe('the reason why a caller waited in vain', () => {
  test('is the gate, with the time at which it opens', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    await fixture.warmUp();
    await fixture.pass(1_000);
    const call = reject(fixture.client);
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('is the gate of the store, with the time at which that opens', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    await fixture.warmUp();
    await fixture.pass(1_000);
    const call = fixture.openClient().getToken({ minValidityMs: 400_000 });
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('is the endpoint that has not answered', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.treat({ kind: 'hang' });
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(3_000);
    expect(messageOf(call)).toContain('token endpoint');
  });

  test('is another client of the store that holds the right to ask', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.treat({ kind: 'hang' });
    const other = fixture.openClient({ maxWaitMs: 30_000 });
    other.getToken();
    await fixture.settle();
    const call = fixture.client.getToken();
    expect(await fixture.end(call)).toBe('token_request_throttled');
    expect(messageOf(call)).toContain('another client');
  });

  test('is never a secret, and names realm and environment', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.readSecret = async () => 'planted-secret';
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.end(call);
    expect(messageOf(call)).toContain('a simulation');
    expect(inspect(call.outcome?.error, { depth: null, showHidden: true })).not.toContain('planted-secret');
  });
});

describe('clients of one store', () => {
  test('share one token: the losers of the race wait for the winner’s', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 400;
    const others = Array.from({ length: 7 }, () => fixture.openClient());
    const calls = [fixture.client, ...others].map((client) => client.getToken());
    for (const call of calls) await fixture.end(call);
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(fixture.sentAt).toHaveLength(1);
    expect(calls.every(({ outcome }) => (outcome?.at ?? 0) < 1_000)).toBe(true);
    expect(eventsOf(others[0] as SimulatedClient, 'token_obtained')).toEqual([
      { type: 'token_obtained', from: 'store', lifetimeMs: 300_000, tookMs: expect.any(Number) },
    ]);
  });

  test('do not take the remaining life of a shared token for a whole one', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(100_000);
    const other = fixture.openClient();
    await fixture.end(other.getToken());
    const { obtainedAt, expiresAt } = other.manager.status();
    expect([obtainedAt, expiresAt]).toEqual([fixture.clock.now() - 100_000, fixture.clock.now() + 200_000]);
    await fixture.pass(140_000);
    expect(other.manager.status().state).toBe('stale');
  });

  test('count the life of a shared token from before a slow store was asked', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 200 };
    const other = fixture.openClient();
    await fixture.end(other.getToken());
    expect(other.manager.status().expiresAt).toBe(fixture.clock.now() + 300_000 - 200);
  });

  test('are not misled by one that dies while it asks: its lease ends, and another one goes on', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    const dying = fixture.openClient();
    dying.getToken();
    await fixture.settle();
    // What a dead process does from here on, no store hears of.
    fixture.store.fault = { kind: 'hanging' };
    void dying.manager.close();
    await fixture.settle();
    fixture.store.fault = { kind: 'none' };
    fixture.treat(judge);
    expect(await fixture.end(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt[1]).toBe(16_500);
  });

  test('hand back a right to ask that a slow store granted too late', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', answersAfterMs: 300 };
    const call = fixture.client.getToken();
    await fixture.pass(250);
    expect(outcomeOf(call)).toBe('token-1-of-client');
    fixture.store.fault = { kind: 'none' };
    await fixture.pass(50);
    const other = fixture.openClient();
    await fixture.end(other.getToken());
    // Not after the lease, which would have been at 11 s.
    expect(fixture.sentAt).toEqual([250, 5_800]);
  });

  test('work on their own while the store is away, and say so in events', async () => {
    const fixture = new LifecycleFixture();
    const reasons = {
      rejecting: 'the store rejects',
      throwing: 'the store throws',
      hanging: 'no response within 250 ms',
    };
    for (const kind of ['rejecting', 'throwing', 'hanging'] as const) {
      fixture.store.fault = { kind };
      const client = fixture.openClient();
      await fixture.pass(10_000);
      const call = client.getToken();
      expect(await fixture.end(call)).toMatch(/^token-/);
      expect(eventsOf(client, 'store_failed')[0]).toEqual({
        type: 'store_failed',
        operation: 'claim',
        reason: reasons[kind],
        timedOut: kind === 'hanging',
      });
    }
    expect(fixture.sentAt).toHaveLength(3);
  });

  test('do not look for the winner’s token any longer than their own serves them', async () => {
    const fixture = new LifecycleFixture();
    await fixture.warmUp();
    await fixture.pass(240_000);
    const slow = fixture.openClient({ timeoutMs: 500_000, maxWaitMs: 500_000 });
    fixture.treat({ kind: 'hang' });
    slow.getToken({ minValidityMs: 200_000 });
    await fixture.settle();
    fixture.client.getToken();
    await fixture.pass(49_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'stale', refreshing: true });
    await fixture.pass(3_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'expired', refreshing: false });
  });

  test('do not spin when a store says that the gate opens in 0 ms, again and again', async () => {
    const fixture = new LifecycleFixture();
    let claims = 0;
    const original = fixture.store.open.bind(fixture.store);
    fixture.store.open = (onToken): TokenStore => ({
      ...original(onToken),
      claim: async (): Promise<ClaimResult> => {
        claims++;
        if (claims > 10_000) throw new Error('spins');
        return { outcome: 'wait', waitMs: 0, because: 'closed' };
      },
    });
    const client = fixture.openClient({ maxWaitMs: 1_000 });
    expect(await fixture.end(client.getToken())).toBe('token_request_throttled');
    expect(claims).toBeLessThan(500);
  });
});

describe('a process that was frozen', () => {
  /** A client that sleeps once between the moment at which the store grants its claim and the one at which it knows. */
  function openFrozenClient(fixture: LifecycleFixture, frozenMs: number): SimulatedClient {
    const { clock, store } = fixture;
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
    return fixture.openClient();
  }

  test('does not send under a lease that has run out meanwhile', async () => {
    const fixture = new LifecycleFixture();
    const call = openFrozenClient(fixture, 12_000).getToken();
    await fixture.settle();
    expect(fixture.sentAt.filter((at) => at < 16_500)).toEqual([]);
    await fixture.end(call);
  });

  test('gives its request no longer than what is left of its lease', async () => {
    const fixture = new LifecycleFixture();
    openFrozenClient(fixture, 5_000).getToken();
    await fixture.settle();
    expect(fixture.endpoint.log[0]).toMatchObject({ sentAt: 5_000, limitMs: 6_000 });
  });
});
