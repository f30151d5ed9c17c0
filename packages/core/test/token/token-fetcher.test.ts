import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import type { ClaimResult, TokenStore } from '../../src/store/token-store.ts';
import { LifecycleFixture, outcomeOf } from './lifecycle-fixture.ts';
import type { Call, SimulatedClient } from './simulated-client.ts';

const judge = { kind: 'judge', lifetimeMs: 300_000 } as const;

/** Reports that the API has refused the held token, and requests another one. */
function rejectToken(client: SimulatedClient) {
  const [rejected] = client.returnedTokens;
  return client.getToken(rejected && { rejected });
}

function eventsOf({ events }: SimulatedClient, type: string) {
  return events.filter((event) => event.type === type).map(({ at, environment, realm, ...details }) => details);
}

function messageOf({ outcome }: Call): string {
  return outcome?.error instanceof Error ? outcome.error.message : '';
}

describe('the gate', () => {
  test('keeps the interval after the response, not after the request, because the server may count a slow request late', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 3_000;
    await fixture.fetchFirstToken();
    await fixture.finish(rejectToken(fixture.client));
    expect(fixture.sentAt).toEqual([0, 8_500]);
    expect(eventsOf(fixture.client, 'waiting')).toEqual([{ type: 'waiting', for: 'throttle', waitMs: 5_500 }]);
  });

  test.each([
    ['while the store works', 'none'],
    ['while the store fails', 'rejecting'],
  ] as const)('keeps the interval after an aborted request, which the server may have counted, %s', async (_, kind) => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind };
    fixture.treat({ kind: 'hang' });
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.advance(1_000);
    abort.abort(new Error('aborted'));
    await fixture.settle();
    fixture.treat(judge);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 6_500]);
  });

  test.each([
    ['a lost response', { kind: 'lost', lifetimeMs: 1 }],
    ['a 503', { kind: 'busy', status: 503 }],
    ['a 401', { kind: 'deny' }],
  ] as const)('keeps the interval after %s', async (_, treatment) => {
    const fixture = new LifecycleFixture();
    fixture.treat(treatment);
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    await fixture.finish(call);
    expect(fixture.sentAt[1]).toBe(5_500);
  });

  test('keeps the interval after a response that fails the call', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'refuse' });
    expect(await fixture.finish(fixture.client.getToken())).toBe('token_request_refused');
    fixture.treat(judge);
    await fixture.finish(fixture.client.getToken());
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('does not keep the interval after a request that never reached the server, but backs off', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'unreachable' });
    const call = fixture.client.getToken();
    await fixture.advance(1_749);
    fixture.treat(judge);
    await fixture.finish(call);
    expect(fixture.sentAt).toEqual([0, 250, 750, 1_750]);
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('applies to this client even while the store fails', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.fetchFirstToken();
    await fixture.finish(rejectToken(fixture.client));
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('applies to all clients of a store, including one that has sent no request yet', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    const other = fixture.openClient();
    await fixture.finish(other.getToken({ minValidityMs: 400_000 }));
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('stays closed when a timer fires a fraction of a millisecond early, as those of Node do', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'rejecting' };
    await fixture.fetchFirstToken();
    const { clock } = fixture;
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (ms, signal) => sleep(Math.max(0, ms - 0.75), signal);
    await fixture.finish(rejectToken(fixture.client));
    expect(fixture.sentAt[1]).toBeGreaterThanOrEqual(5_500);
  });

  test('stays closed for other clients after a failed attempt that was sent', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'refuse' });
    await fixture.finish(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.finish(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 5_500]);
  });

  test('is open for other clients after a request that never reached the server', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'unreachable' });
    fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    await fixture.finish(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 0]);
  });

  test('is not closed by a lease that was granted after the last caller had aborted', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.advance(50);
    abort.abort(new Error('aborted'));
    await fixture.advance(150);
    expect(eventsOf(fixture.client, 'token_requested')).toEqual([]);
    fixture.store.fault = { kind: 'none' };
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('is claimed again only after the store has recorded how the last request ended', async () => {
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
    fixture.store.fault = { kind: 'slow', delayMs: 100 };
    fixture.treat({ kind: 'deny' });
    await fixture.finish(client.getToken());
    expect(claimedAt).toEqual([0, 200]);
  });

  test('backs off after failures even when the interval is 0, so that a failing server is not flooded', async () => {
    const fixture = new LifecycleFixture({ minIntervalMs: 0 });
    fixture.treat({ kind: 'busy', status: 503 });
    expect(await fixture.finish(fixture.client.getToken())).toBe('token_endpoint_unavailable');
    expect(fixture.sentAt.length).toBeLessThan(12);
  });
});

describe('the ambiguous 401', () => {
  test('is retried once after the window, so that the throttle delays calls and fails none', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.advance(1);
    fixture.treat(judge);
    expect(await fixture.finish(call)).toBe('token-1-of-client');
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

  test('fails with credentials_rejected the second time', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    expect(await fixture.finish(fixture.client.getToken())).toBe('credentials_rejected');
    expect(fixture.sentAt).toEqual([0, 5_500]);
    expect(fixture.client.manager.status().lastError).toMatchObject({ code: 'credentials_rejected', retryable: false });
  });

  test('succeeds at the second attempt when the secret was rotated in between', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.secrets.set('client', new Set(['rotated']));
    const call = fixture.client.getToken();
    await fixture.advance(1_000);
    fixture.readSecret = async () => 'rotated';
    expect(await fixture.finish(call)).toBe('token-1-of-client');
    expect(fixture.endpoint.log.map(({ secret }) => secret)).toEqual(['secret', 'rotated']);
  });

  test('fails with token_request_throttled for a caller that cannot wait for the second response', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 5_000 });
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_throttled');
    expect(call.outcome?.at).toBe(0);
    expect(call.outcome?.error).toMatchObject({ status: 401, retryAfterMs: 5_500, retryable: true });
  });
});

describe('a 401 after an issued token', () => {
  test('counts as the first one, even when the issued token had expired on arrival', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.endpoint.latencyMs = 30;
    fixture.treat({ kind: 'judge', lifetimeMs: 1 });
    await fixture.advance(5_530);
    fixture.treat({ kind: 'deny' });
    await fixture.advance(5_530);
    expect(fixture.endpoint.log.map(({ ending }) => ending)).toEqual(['denied', 'issued', 'denied']);
    expect(outcomeOf(call)).toBe('pending');
    fixture.treat(judge);
    expect(await fixture.finish(call)).toBe('token-2-of-client');
  });
});

describe('the cool-down after credentials_rejected', () => {
  async function rejectedFixture(): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'deny' });
    expect(await fixture.finish(fixture.client.getToken())).toBe('credentials_rejected');
    return fixture;
  }

  test('rejects calls with the same error, and sends no request', async () => {
    const fixture = await rejectedFixture();
    const [first] = fixture.client.calls;
    await fixture.advance(5_499);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(call.outcome?.error).toBe(first?.outcome?.error);
    expect(fixture.sentAt).toHaveLength(2);
  });

  test('doubles from one window to 60 s, so that a wrong secret does not cause a steady load', async () => {
    const fixture = await rejectedFixture();
    for (let ms = 0; ms < 400_000; ms += 100) {
      fixture.client.getToken();
      await fixture.advance(100);
    }
    const gaps = fixture.sentAt.slice(1).map((at, index) => at - (fixture.sentAt[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 100) * 100)).toEqual([
      5_500, 5_500, 11_000, 22_000, 44_000, 60_000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  test('ends as soon as the secret function returns another secret', async () => {
    const fixture = await rejectedFixture();
    await fixture.advance(5_400);
    fixture.client.getToken();
    await fixture.advance(100);
    expect(await fixture.finish(fixture.client.getToken())).toBe('credentials_rejected');
    await fixture.advance(6_000);
    fixture.readSecret = async () => 'rotated';
    fixture.endpoint.secrets.set('client', new Set(['rotated']));
    fixture.treat(judge);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
  });

  test('does not apply to a token that another client has stored', async () => {
    const fixture = new LifecycleFixture();
    const other = fixture.openClient();
    fixture.treat({ kind: 'deny' });
    await fixture.finish(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.finish(other.getToken());
    await fixture.advance(1_000);
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
    expect(fixture.client.manager.status().lastError).toBeUndefined();
  });

  test('appears in the status as nextRequestAllowedAt', async () => {
    const fixture = await rejectedFixture();
    expect(fixture.client.manager.status().nextRequestAllowedAt).toBe(fixture.clock.now() + 5_500);
    await fixture.advance(5_500);
    expect(fixture.client.manager.status().nextRequestAllowedAt).toBeUndefined();
  });
});

describe('a transient failure', () => {
  test.each([
    ['503', { kind: 'busy', status: 503 }, 'token_endpoint_unavailable', 503],
    ['429', { kind: 'busy', status: 429 }, 'token_request_throttled', 429],
    ['lost response', { kind: 'lost', lifetimeMs: 1 }, 'token_endpoint_unavailable', undefined],
    ['no response in time', { kind: 'hang' }, 'token_request_timeout', undefined],
  ] as const)('is retried: %s', async (_, treatment, code, status) => {
    const fixture = new LifecycleFixture();
    fixture.treat(treatment);
    const call = fixture.client.getToken();
    await fixture.advance(10_000);
    fixture.treat(judge);
    expect(await fixture.finish(call)).toBe('token-1-of-client');
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

  test('rejects the callers as soon as the next attempt would come too late for all of them', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 503 });
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_endpoint_unavailable');
    expect(fixture.sentAt).toEqual([0, 5_500, 11_000, 16_500, 22_000, 27_500]);
    expect(call.outcome?.at).toBe(27_500);
    const [last] = eventsOf(fixture.client, 'token_request_failed').slice(-1);
    expect(last).not.toHaveProperty('retryInMs');
  });

  test('is retried for the last caller after the first one has timed out', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 12_000 });
    fixture.treat({ kind: 'busy', status: 503 });
    const first = fixture.client.getToken();
    await fixture.advance(10_000);
    const last = fixture.client.getToken();
    await fixture.advance(2_000);
    expect(outcomeOf(first)).toBe('token_endpoint_unavailable');
    expect(outcomeOf(last)).toBe('pending');
    fixture.treat(judge);
    expect(await fixture.finish(last)).toBe('token-1-of-client');
  });

  test('is retried after Retry-After', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 429, retryAfterMs: 12_345 });
    const call = fixture.client.getToken();
    await fixture.settle();
    fixture.treat(judge);
    expect(await fixture.finish(call)).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 12_345]);
  });

  test('rejects at once with retryAfterMs when Retry-After is longer than maxWaitMs', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 40_000 });
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_endpoint_unavailable', retryAfterMs: 40_000 });
    await fixture.advance(1_000);
    const next = fixture.client.getToken();
    await fixture.settle();
    expect(next.outcome?.error).toMatchObject({
      code: 'token_endpoint_unavailable',
      status: 503,
      retryAfterMs: 39_000,
    });
    expect(fixture.sentAt).toEqual([0]);
  });

  test('keeps its Retry-After when a token of another client is found meanwhile', async () => {
    const fixture = new LifecycleFixture();
    const other = fixture.openClient();
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 60_000 });
    await fixture.finish(fixture.client.getToken());
    await fixture.advance(6_000);
    fixture.treat(judge);
    await fixture.finish(other.getToken());
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    await fixture.advance(10_000);
    const rejection = rejectToken(fixture.client);
    expect(await fixture.finish(rejection)).toBe('token_endpoint_unavailable');
    expect(rejection.outcome?.error).toMatchObject({ retryAfterMs: 44_000 });
    await fixture.advance(20_000);
    await fixture.finish(fixture.client.getToken());
    expect(fixture.sentAt).toEqual([0, 6_000, 60_000]);
  });

  test('is also a token that has expired on arrival, which is not returned', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 3_000;
    fixture.treat({ kind: 'judge', lifetimeMs: 2_000 });
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_timeout');
    expect(fixture.sentAt).toEqual([0, 8_500, 17_000, 25_500]);
    fixture.treat(judge);
    await fixture.advance(5_500);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-5-of-client');
  });
});

describe('a permanent failure', () => {
  test('rejects all waiting callers at once with one error', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 100;
    fixture.treat({ kind: 'refuse' });
    const calls = [fixture.client.getToken(), fixture.client.getToken()];
    await fixture.advance(100);
    expect(calls.map(outcomeOf)).toEqual(['token_request_refused', 'token_request_refused']);
    expect(calls[0]?.outcome?.error).toBe(calls[1]?.outcome?.error);
    expect(fixture.sentAt).toHaveLength(1);
  });
});

describe('a permanent failure of a request that was never sent', () => {
  async function untrustedFixture(): Promise<LifecycleFixture> {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'untrusted' });
    return fixture;
  }

  test('rejects all waiting callers at once with one error', async () => {
    const fixture = await untrustedFixture();
    const calls = [fixture.client.getToken(), fixture.client.getToken()];
    await fixture.settle();
    expect(calls[0]?.outcome?.error).toMatchObject({
      code: 'token_endpoint_unavailable',
      reason: 'SELF_SIGNED_CERT_IN_CHAIN',
      retryable: false,
    });
    expect(calls[1]?.outcome?.error).toBe(calls[0]?.outcome?.error);
    expect(fixture.clock.sleeping).toBe(0);
  });

  test('rejects later callers with the same error and without a request until the backoff has ended', async () => {
    const fixture = await untrustedFixture();
    const first = fixture.client.getToken();
    await fixture.advance(249);
    const second = fixture.client.getToken();
    await fixture.settle();
    expect(second.outcome?.error).toBe(first.outcome?.error);
    expect(fixture.sentAt).toEqual([0]);
    expect(eventsOf(fixture.client, 'token_request_failed')).toHaveLength(1);
    fixture.treat(judge);
    await fixture.advance(1);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt).toEqual([0, 250]);
  });

  test('doubles the backoff to 16 s, and sends one request after each', async () => {
    const fixture = await untrustedFixture();
    for (let ms = 0; ms < 70_000; ms += 50) {
      const calls = [fixture.client.getToken(), fixture.client.getToken()];
      await fixture.settle();
      expect(calls.map(outcomeOf)).toEqual(['token_endpoint_unavailable', 'token_endpoint_unavailable']);
      await fixture.advance(50);
    }
    expect(fixture.sentAt).toEqual([0, 250, 750, 1_750, 3_750, 7_750, 15_750, 31_750, 47_750, 63_750]);
  });

  test('does not close the gate for other clients', async () => {
    const fixture = await untrustedFixture();
    await fixture.finish(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.finish(fixture.openClient().getToken());
    expect(fixture.sentAt).toEqual([0, 0]);
  });

  test('does not reject callers while another client has stored a token', async () => {
    const fixture = await untrustedFixture();
    await fixture.finish(fixture.client.getToken());
    fixture.treat(judge);
    await fixture.finish(fixture.openClient().getToken());
    const call = fixture.client.getToken();
    await fixture.settle();
    expect(outcomeOf(call)).toBe('token-1-of-client');
    expect(fixture.client.manager.status().lastError).toBeUndefined();
    expect(fixture.sentAt).toEqual([0, 0]);
  });

  test('does not end the use of a stale token', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    fixture.treat({ kind: 'untrusted' });
    for (let ms = 0; ms < 49_900; ms += 100) {
      const call = fixture.client.getToken();
      await fixture.settle();
      expect(outcomeOf(call)).toBe('token-1-of-client');
      await fixture.advance(100);
    }
    expect(eventsOf(fixture.client, 'token_request_failed')[0]).toMatchObject({ stillServing: true });
  });
});

describe('the secret function', () => {
  test('is called before every request', async () => {
    const fixture = new LifecycleFixture();
    let calls = 0;
    fixture.readSecret = async () => {
      calls++;
      return 'secret';
    };
    await fixture.fetchFirstToken();
    await fixture.finish(rejectToken(fixture.client));
    expect(calls).toBe(2);
  });

  test('that fails rejects the call with its own error, and is called again for the next call', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = async () => {
      throw new ConfigurationError(['The clientSecret function failed.']);
    };
    expect(await fixture.finish(fixture.client.getToken())).toBe('configuration_invalid');
    expect(eventsOf(fixture.client, 'token_request_failed')).toMatchObject([
      { code: 'configuration_invalid', stillServing: false },
    ]);
    expect(fixture.client.manager.status().lastError).toMatchObject({ code: 'configuration_invalid' });
    fixture.readSecret = async () => 'secret';
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.clock.monotonic()).toBe(250);
  });

  test('that hangs rejects the call after timeoutMs', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => new Promise(() => {});
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(10_000);
    expect(messageOf(call)).toContain('clientSecret function');
  });

  test('that hangs leaves no timer after the last caller has aborted, nor after close', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => new Promise(() => {});
    const abort = new AbortController();
    fixture.client.getToken(undefined, abort);
    await fixture.advance(1_000);
    abort.abort(new Error('aborted'));
    await fixture.settle();
    expect(fixture.clock.sleeping).toBe(0);
    fixture.client.getToken();
    await fixture.settle();
    await fixture.client.manager.close();
    expect(fixture.clock.sleeping).toBe(0);
  });
});

describe('the error of a caller whose maxWaitMs elapses', () => {
  test('names the throttle, and has retryAfterMs until the gate opens', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    await fixture.fetchFirstToken();
    await fixture.advance(1_000);
    const call = rejectToken(fixture.client);
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('names the throttle when only the gate of the store is closed, with its retryAfterMs', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    await fixture.fetchFirstToken();
    await fixture.advance(1_000);
    const call = fixture.openClient().getToken({ minValidityMs: 400_000 });
    await fixture.settle();
    expect(call.outcome?.error).toMatchObject({ code: 'token_request_throttled', retryAfterMs: 4_500 });
  });

  test('names the token endpoint that has not responded', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.treat({ kind: 'hang' });
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_timeout');
    expect(call.outcome?.at).toBe(3_000);
    expect(messageOf(call)).toContain('token endpoint');
  });

  test('names another client of the store that holds the lease', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.treat({ kind: 'hang' });
    const other = fixture.openClient({ maxWaitMs: 30_000 });
    other.getToken();
    await fixture.settle();
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_throttled');
    expect(messageOf(call)).toContain('another client');
  });

  test('names realm and environment, and contains no secret', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.readSecret = async () => 'planted-secret';
    fixture.treat({ kind: 'deny' });
    const call = fixture.client.getToken();
    await fixture.finish(call);
    expect(messageOf(call)).toContain('a simulation');
    expect(inspect(call.outcome?.error, { depth: null, showHidden: true })).not.toContain('planted-secret');
  });
});

describe('the waiting event', () => {
  /** The waiting events of a client, with their monotonic times. */
  function waits(fixture: LifecycleFixture, client = fixture.client) {
    const startedAt = fixture.clock.now() - fixture.clock.monotonic();
    return client.events.flatMap((event) =>
      event.type === 'waiting' ? { at: event.at - startedAt, for: event.for, waitMs: event.waitMs } : [],
    );
  }

  test('is emitted when a wait for the interval begins', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(1_000.5);
    rejectToken(fixture.client);
    await fixture.settle();
    expect(waits(fixture)).toEqual([{ at: 1_000.5, for: 'throttle', waitMs: 4_500 }]);
  });

  test('is emitted when a wait for the gate of the store begins', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(1_000);
    const other = fixture.openClient();
    other.getToken({ minValidityMs: 400_000 });
    await fixture.settle();
    expect(waits(fixture, other)).toEqual([{ at: 1_000, for: 'throttle', waitMs: 4_500 }]);
  });

  test('is emitted when a wait for Retry-After begins', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'busy', status: 503, retryAfterMs: 20_000 });
    fixture.client.getToken();
    await fixture.settle();
    expect(waits(fixture)).toEqual([{ at: 0, for: 'retry', waitMs: 20_000 }]);
  });

  test('is emitted when a wait for the token of another client begins', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    fixture.openClient().getToken();
    await fixture.advance(2_000);
    fixture.client.getToken();
    await fixture.settle();
    expect(waits(fixture)).toEqual([{ at: 2_000, for: 'other_process', waitMs: undefined }]);
    await fixture.advance(5_000);
    expect(waits(fixture)).toHaveLength(1);
  });

  test('is emitted when the secret function does not return at once', async () => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => new Promise(() => {});
    fixture.client.getToken();
    await fixture.advance(49);
    expect(waits(fixture)).toEqual([]);
    await fixture.advance(1);
    expect(waits(fixture)).toEqual([{ at: 50, for: 'secret', waitMs: undefined }]);
  });

  test.each([
    [49.9, []],
    [50, [{ at: 0, for: 'throttle', waitMs: 50 }]],
  ])('is emitted only for a wait of 50 ms or longer: %d ms', async (minIntervalMs, expected) => {
    const fixture = new LifecycleFixture({ minIntervalMs });
    fixture.endpoint.throttleWindowMs = 0;
    await fixture.fetchFirstToken();
    await fixture.finish(rejectToken(fixture.client));
    expect(fixture.sentAt).toHaveLength(2);
    expect(waits(fixture)).toEqual(expected);
  });
});

describe('a wait that ends without a token request is followed by token_request_aborted', () => {
  const typesOf = ({ events }: SimulatedClient) => events.map(({ type }) => type);

  test('when no caller waits for the token of another client any more', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 500 });
    fixture.treat({ kind: 'hang' });
    fixture.openClient({ maxWaitMs: 30_000, timeoutMs: 30_000 }).getToken();
    await fixture.settle();
    for (const calls of [1, 2]) {
      expect(await fixture.finish(fixture.client.getToken())).toBe('token_request_throttled');
      await fixture.advance(1_500);
      expect(typesOf(fixture.client)).toEqual(Array(calls).fill(['waiting', 'token_request_aborted']).flat());
    }
  });

  test('when the gate that another client has closed opens too late', async () => {
    const fixture = new LifecycleFixture({ maxWaitMs: 3_000 });
    fixture.treat({ kind: 'hang' });
    fixture.openClient({ timeoutMs: 1_000 }).getToken();
    await fixture.settle();
    const call = fixture.client.getToken();
    expect(await fixture.finish(call)).toBe('token_request_throttled');
    expect(call.outcome?.at).toBeLessThan(2_500);
    expect(typesOf(fixture.client)).toEqual(['waiting', 'token_request_aborted']);
  });

  test.each([
    [100, ['waiting', 'token_request_aborted']],
    [0, []],
  ])('when the same secret was rejected before, and takes %d ms to read', async (secretMs, expected) => {
    const fixture = new LifecycleFixture();
    fixture.readSecret = () => fixture.clock.sleep(secretMs).then(() => 'secret');
    fixture.treat({ kind: 'deny' });
    expect(await fixture.finish(fixture.client.getToken())).toBe('credentials_rejected');
    fixture.client.events.length = 0;
    expect(await fixture.finish(fixture.client.getToken())).toBe('credentials_rejected');
    expect(typesOf(fixture.client)).toEqual(expected);
  });
});

describe('clients of one store', () => {
  test('share one token: one requests it, and the others wait for it', async () => {
    const fixture = new LifecycleFixture();
    fixture.endpoint.latencyMs = 400;
    const others = Array.from({ length: 7 }, () => fixture.openClient());
    const calls = [fixture.client, ...others].map((client) => client.getToken());
    for (const call of calls) await fixture.finish(call);
    expect(new Set(calls.map(outcomeOf))).toEqual(new Set(['token-1-of-client']));
    expect(fixture.sentAt).toHaveLength(1);
    expect(calls.every(({ outcome }) => (outcome?.at ?? 0) < 1_000)).toBe(true);
    expect(eventsOf(others[0] as SimulatedClient, 'token_obtained')).toEqual([
      { type: 'token_obtained', from: 'store', lifetimeMs: 300_000, tookMs: expect.any(Number) },
    ]);
  });

  test('compute the age of a shared token from its whole lifetime', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(100_000);
    const other = fixture.openClient();
    await fixture.finish(other.getToken());
    const { obtainedAt, expiresAt } = other.manager.status();
    expect([obtainedAt, expiresAt]).toEqual([fixture.clock.now() - 100_000, fixture.clock.now() + 200_000]);
    await fixture.advance(140_000);
    expect(other.manager.status().state).toBe('stale');
  });

  test('count the lifetime of a shared token from before the read of a slow store', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    fixture.store.fault = { kind: 'slow', delayMs: 200 };
    const other = fixture.openClient();
    await fixture.finish(other.getToken());
    expect(other.manager.status().expiresAt).toBe(fixture.clock.now() + 300_000 - 200);
  });

  test('request a token after the lease of a client that died has ended', async () => {
    const fixture = new LifecycleFixture();
    fixture.treat({ kind: 'hang' });
    const dead = fixture.openClient();
    dead.getToken();
    await fixture.settle();
    // A dead process sends nothing to the store any more.
    fixture.store.fault = { kind: 'hanging' };
    void dead.manager.close();
    await fixture.settle();
    fixture.store.fault = { kind: 'none' };
    fixture.treat(judge);
    expect(await fixture.finish(fixture.client.getToken())).toBe('token-1-of-client');
    expect(fixture.sentAt[1]).toBe(16_500);
  });

  test('release a lease that a slow store granted after its timeout', async () => {
    const fixture = new LifecycleFixture();
    fixture.store.fault = { kind: 'slow', delayMs: 300 };
    const call = fixture.client.getToken();
    await fixture.advance(250);
    expect(outcomeOf(call)).toBe('token-1-of-client');
    fixture.store.fault = { kind: 'none' };
    await fixture.advance(50);
    const other = fixture.openClient();
    await fixture.finish(other.getToken());
    // The lease would have ended at 11 s.
    expect(fixture.sentAt).toEqual([250, 5_800]);
  });

  test('request their own tokens while the store fails, and emit store_failed', async () => {
    const fixture = new LifecycleFixture();
    const reasons = {
      rejecting: 'the store rejects',
      throwing: 'the store throws',
      hanging: 'no response within 250 ms',
    };
    for (const kind of ['rejecting', 'throwing', 'hanging'] as const) {
      fixture.store.fault = { kind };
      const client = fixture.openClient();
      await fixture.advance(10_000);
      const call = client.getToken();
      expect(await fixture.finish(call)).toMatch(/^token-/);
      expect(eventsOf(client, 'store_failed')[0]).toEqual({
        type: 'store_failed',
        operation: 'claim',
        reason: reasons[kind],
        timedOut: kind === 'hanging',
      });
    }
    expect(fixture.sentAt).toHaveLength(3);
  });

  test('stop waiting for the token of another client when the held token expires', async () => {
    const fixture = new LifecycleFixture();
    await fixture.fetchFirstToken();
    await fixture.advance(240_000);
    const slow = fixture.openClient({ timeoutMs: 500_000, maxWaitMs: 500_000 });
    fixture.treat({ kind: 'hang' });
    slow.getToken({ minValidityMs: 200_000 });
    await fixture.settle();
    fixture.client.getToken();
    await fixture.advance(49_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'stale', refreshing: true });
    await fixture.advance(3_000);
    expect(fixture.client.manager.status()).toMatchObject({ state: 'expired', refreshing: false });
  });

  test('do not loop without pause when a store keeps returning a wait of 0 ms', async () => {
    const fixture = new LifecycleFixture();
    let claims = 0;
    const original = fixture.store.open.bind(fixture.store);
    fixture.store.open = (onToken): TokenStore => ({
      ...original(onToken),
      claim: async (): Promise<ClaimResult> => {
        claims++;
        if (claims > 10_000) throw new Error('loops without pause');
        return { outcome: 'wait', waitMs: 0, because: 'closed' };
      },
    });
    const client = fixture.openClient({ maxWaitMs: 1_000 });
    expect(await fixture.finish(client.getToken())).toBe('token_request_throttled');
    expect(claims).toBeLessThan(500);
  });
});

describe('a process that was suspended during a claim', () => {
  /** A client whose process stands still once, after the store has granted its claim and before it receives the grant. */
  function openSuspendedClient(fixture: LifecycleFixture, suspendedMs: number): SimulatedClient {
    const { clock, store } = fixture;
    const open = store.open.bind(store);
    let leftMs = suspendedMs;
    store.open = (onToken): TokenStore => {
      const handle = open(onToken);
      const claim: TokenStore['claim'] = async (key, request) => {
        const result = await handle.claim(key, request);
        const monotonic = clock.monotonic.bind(clock);
        const wokenAt = monotonic() + leftMs;
        leftMs = 0;
        clock.monotonic = () => Math.max(monotonic(), wokenAt);
        return result;
      };
      return { ...handle, claim };
    };
    return fixture.openClient();
  }

  test('sends no request when its lease has ended', async () => {
    const fixture = new LifecycleFixture();
    const call = openSuspendedClient(fixture, 12_000).getToken();
    await fixture.settle();
    expect(fixture.sentAt.filter((at) => at < 16_500)).toEqual([]);
    await fixture.finish(call);
    expect(fixture.sentAt).toHaveLength(1);
  });

  test('limits its request to the rest of its lease', async () => {
    const fixture = new LifecycleFixture();
    openSuspendedClient(fixture, 5_000).getToken();
    await fixture.settle();
    expect(fixture.endpoint.log[0]).toMatchObject({ sentAt: 5_000, limitMs: 6_000 });
  });
});
