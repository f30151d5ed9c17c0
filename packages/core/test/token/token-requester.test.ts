import { settleMicrotasks, VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { addMs, readTimestamp } from '../../src/clock/timestamp.ts';
import type { TokenRequestResult } from '../../src/endpoint/token-request-result.ts';
import { TokenRequestError, type TokenRequestErrorDetails } from '../../src/error/token-request-error.ts';
import { EncryptedTokenStore } from '../../src/store/encrypted-token-store.ts';
import { memoryTokenStore } from '../../src/store/memory-token-store.ts';
import type { Lease } from '../../src/token/acquire-lease.ts';
import { FailureStatus } from '../../src/token/failure-status.ts';
import { InvalidClientTracker } from '../../src/token/invalid-client-tracker.ts';
import { PendingCallers } from '../../src/token/pending-callers.ts';
import { RequestBackoff } from '../../src/token/request-backoff.ts';
import { TokenCache } from '../../src/token/token-cache.ts';
import { TokenDemand } from '../../src/token/token-demand.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';
import { TokenRequester } from '../../src/token/token-requester.ts';
import { WaitState } from '../../src/token/wait-state.ts';
import { createPlainTokenCipher } from './plain-token-cipher.ts';

const identity = { tokenUrl: 'https://api.test/token', realm: 'acme', clientId: 'client', scope: undefined };
const issued: TokenRequestResult = { kind: 'issued', value: 'token', lifetimeMs: 300_000, lifetimeAssumed: false };
const unauthorized: TokenRequestResult = {
  kind: 'unauthorized',
  error: new TokenRequestError('credentials_rejected', 'unauthorized', { status: 401 }),
};

function failed(
  code: TokenRequestError['code'],
  requestSent: boolean,
  details?: TokenRequestErrorDetails,
): TokenRequestResult & { kind: 'failed' } {
  return { kind: 'failed', error: new TokenRequestError(code, 'failed', details), requestSent };
}

let clock: VirtualClock;
let events: TokenEvent[];
let cache: TokenCache;
let backoff: RequestBackoff;
let invalidClient: InvalidClientTracker;
let failures: FailureStatus;
let waitState: WaitState;
let abort: AbortController;
let demand: TokenDemand;
/** What the requester writes to the store. */
let writes: unknown[];
/** What the endpoint does, and the timeouts that it was given. */
let respond: (signal: AbortSignal) => Promise<TokenRequestResult>;
let timeouts: number[];
let requester: TokenRequester;

beforeEach(async () => {
  clock = new VirtualClock();
  events = [];
  const emitter = new TokenEventEmitter(clock, 'sandbox', 'acme');
  emitter.subscribe((event) => events.push(event));
  cache = new TokenCache(clock, { refreshAtFraction: 0.8, expiryMarginMs: undefined }, 5_500);
  backoff = new RequestBackoff(5_500, () => 0.5);
  invalidClient = new InvalidClientTracker(5_500);
  failures = new FailureStatus(clock, emitter);
  waitState = new WaitState('a test');
  abort = new AbortController();
  const callers = new PendingCallers(clock);
  const options = { maxWaitMs: 30_000, minValidityMs: 0, onTimeout: () => new Error('timed out') };
  callers.wait(new Promise(() => {}), options).catch(() => {});
  demand = new TokenDemand('missing', callers, abort.signal, cache);
  writes = [];
  const recorded = {
    ...memoryTokenStore({ clock }),
    commit: async (_: unknown, { fence, remainingMs }: { fence: number; remainingMs: number }) =>
      void writes.push({ commit: fence, remainingMs }),
    release: async (_: unknown, fence: number, requestSent: boolean) =>
      void writes.push({ release: fence, requestSent }),
  };
  const store = new EncryptedTokenStore(recorded, clock, identity, emitter, createPlainTokenCipher);
  await store.useSecret('secret');
  respond = async () => issued;
  timeouts = [];
  requester = new TokenRequester({
    clock,
    store,
    cache,
    events: emitter,
    endpoint: {
      requestToken: (_, timeoutMs, signal) => {
        timeouts.push(timeoutMs);
        return respond(signal);
      },
    },
    backoff,
    invalidClient,
    failures,
    waitState,
    timeoutMs: 10_000,
    minIntervalMs: 5_500,
    subject: 'a test',
  });
});

/** A lease that ends in `ms` milliseconds. */
function leaseFor(ms: number, fence = 7): Lease {
  return { fence, endsAt: addMs(readTimestamp(clock), ms) };
}

/** Makes a request; its result or its error. */
async function request(lease: Lease | undefined, secret = 'secret'): Promise<unknown> {
  const outcome = requester.request(lease, secret, demand).catch((error: unknown) => error);
  await settleMicrotasks();
  return outcome;
}

const eventTypes = () => events.map(({ type }) => type);
const waitMs = () => backoff.nextAllowed(readTimestamp(clock)).waitMs;

describe('the lease', () => {
  test('limits the request to its rest', async () => {
    const lease = leaseFor(11_000);
    await clock.advance(5_000);
    await request(lease);
    expect(timeouts).toEqual([6_000]);
  });

  test('does not lengthen the request beyond its timeout', async () => {
    await request(leaseFor(11_000));
    expect(timeouts).toEqual([10_000]);
  });

  test('limits nothing when the store has failed', async () => {
    expect(await request(undefined)).toMatchObject({ value: 'token', fence: undefined });
    expect(timeouts).toEqual([10_000]);
    expect(writes).toEqual([]);
  });

  test('is released as not sent when it ended while the process was suspended', async () => {
    const lease = leaseFor(11_000);
    clock.suspend(11_000);
    expect(await request(lease)).toBeUndefined();
    expect(timeouts).toEqual([]);
    expect(events).toEqual([]);
    expect(writes).toEqual([{ release: 7, requestSent: false }]);
    expect(waitMs()).toBe(Number.NEGATIVE_INFINITY);
  });

  test('is released as not sent when the token is no longer wanted', async () => {
    const reason = new Error('aborted');
    abort.abort(reason);
    expect(await request(leaseFor(11_000))).toBe(reason);
    expect(timeouts).toEqual([]);
    expect(writes).toEqual([{ release: 7, requestSent: false }]);
  });

  test('is released as sent, and the interval kept, when the request is aborted', async () => {
    const reason = new Error('aborted');
    respond = (signal) => clock.sleep(60_000, signal).then(() => issued);
    const outcome = requester.request(leaseFor(11_000), 'secret', demand).catch((error: unknown) => error);
    await clock.advance(1_000);
    abort.abort(reason);
    expect(await outcome).toBe(reason);
    await settleMicrotasks();
    expect(writes).toEqual([{ release: 7, requestSent: true }]);
    expect(waitMs()).toBe(5_500);
  });
});

describe('the attempt of token_requested', () => {
  test('counts the requests of one demand, without those that were not sent', async () => {
    const ended = leaseFor(0);
    await request(ended);
    respond = async () => failed('token_endpoint_unavailable', true);
    await request(leaseFor(11_000));
    await request(leaseFor(11_000));
    const attempts = events.flatMap((event) => (event.type === 'token_requested' ? event.attempt : []));
    expect(attempts).toEqual([1, 2]);
  });
});

describe('an issued token', () => {
  test('is committed and returned, with its lifetime from before the request', async () => {
    const sentAt = readTimestamp(clock);
    respond = () => clock.sleep(400).then(() => issued);
    const outcome = requester.request(leaseFor(11_000), 'secret', demand);
    await clock.advance(400);
    const expiresAt = addMs(sentAt, 300_000);
    expect(await outcome).toEqual({ value: 'token', from: 'endpoint', lifetimeMs: 300_000, expiresAt, fence: 7 });
    expect(writes).toEqual([{ commit: 7, remainingMs: 299_600 }]);
    expect(events).toMatchObject([
      { type: 'token_requested', why: 'missing', attempt: 1 },
      { type: 'token_obtained', from: 'endpoint', lifetimeMs: 300_000, tookMs: 400 },
    ]);
    expect(waitMs()).toBe(5_500);
  });

  test('ends backoff, cool-down and the last error', async () => {
    respond = async () => failed('token_endpoint_unavailable', true);
    await request(leaseFor(11_000));
    respond = async () => unauthorized;
    await request(leaseFor(11_000));
    await request(leaseFor(11_000));
    respond = async () => issued;
    await request(leaseFor(11_000));
    expect(failures.lastError).toBeUndefined();
    expect(invalidClient.msUntilRetry(readTimestamp(clock))).toBe(Number.NEGATIVE_INFINITY);
    expect(waitMs()).toBe(5_500);
    backoff.recordFailure(readTimestamp(clock));
    await clock.advance(5_500);
    expect(waitMs()).toBeLessThanOrEqual(0);
  });

  test('ends the doubling of the backoff, and forgets a permanent failure', async () => {
    respond = async () => failed('token_endpoint_unavailable', false, { retryable: false });
    for (const backoffMs of [250, 500, 1_000]) {
      await request(leaseFor(11_000));
      expect(waitMs()).toBe(backoffMs);
    }
    expect(waitState.permanentFailure).toBeDefined();
    respond = async () => issued;
    await request(leaseFor(11_000));
    expect(waitState.permanentFailure).toBeUndefined();
    await clock.advance(5_500);
    backoff.recordFailure(readTimestamp(clock));
    expect(waitMs()).toBe(250);
  });

  test('is reported as lifetime_assumed when the response had no lifetime', async () => {
    respond = async () => ({ ...issued, lifetimeAssumed: true });
    await request(leaseFor(11_000));
    expect(eventTypes()).toEqual(['token_requested', 'lifetime_assumed', 'token_obtained']);
  });

  test('counts as a timeout when it has expired on arrival, and ends the cool-down all the same', async () => {
    respond = async () => unauthorized;
    await request(leaseFor(11_000));
    respond = () => clock.sleep(2_000).then(() => ({ ...issued, lifetimeMs: 2_000 }));
    const outcome = requester.request(leaseFor(11_000), 'secret', demand);
    await clock.advance(2_000);
    expect(await outcome).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: 'token_request_failed', code: 'token_request_timeout' });
    expect(waitState.createTimeoutError(readTimestamp(clock)).message).toContain(
      'the token had expired before the response of the token endpoint was complete',
    );
    expect(writes.at(-1)).toEqual({ release: 7, requestSent: true });
    respond = async () => unauthorized;
    expect(await request(leaseFor(11_000))).toBeUndefined();
  });
});

describe('a transient failure', () => {
  test('releases the lease as sent, and reports the next attempt', async () => {
    respond = async () => failed('token_endpoint_unavailable', true, { status: 503 });
    expect(await request(leaseFor(11_000))).toBeUndefined();
    expect(writes).toEqual([{ release: 7, requestSent: true }]);
    expect(waitMs()).toBe(5_500);
    expect(events.at(-1)).toMatchObject({ code: 'token_endpoint_unavailable', status: 503, retryInMs: 5_500 });
    expect(waitState.permanentFailure).toBeUndefined();
  });

  test('of a request that was not sent releases the lease as such, and backs off 250 ms', async () => {
    respond = async () => failed('token_endpoint_unavailable', false);
    expect(await request(leaseFor(11_000))).toBeUndefined();
    expect(writes).toEqual([{ release: 7, requestSent: false }]);
    expect(waitMs()).toBe(250);
    expect(events.at(-1)).toMatchObject({ retryInMs: 250 });
  });

  test('has no retryInMs when the next attempt is too late for every caller', async () => {
    respond = async () => failed('token_request_throttled', true, { status: 429, retryAfterMs: 30_001 });
    expect(await request(leaseFor(11_000))).toBeUndefined();
    expect(waitMs()).toBe(30_001);
    expect(events.at(-1)).not.toHaveProperty('retryInMs');
  });

  test('is reported with stillServing while a usable token is held', async () => {
    const expiresAt = addMs(readTimestamp(clock), 300_000);
    cache.put({ value: 'held', from: 'endpoint', lifetimeMs: 300_000, expiresAt, fence: 6 });
    respond = async () => failed('token_endpoint_unavailable', true);
    await request(leaseFor(11_000));
    expect(events.at(-1)).toMatchObject({ stillServing: true });
  });
});

describe('a permanent failure', () => {
  test('of a request that was not sent is thrown and kept, releases the lease as such, and backs off 250 ms', async () => {
    const result = failed('token_endpoint_unavailable', false, { reason: 'CERT_HAS_EXPIRED', retryable: false });
    respond = async () => result;
    expect(await request(leaseFor(11_000))).toBe(result.error);
    expect(waitState.permanentFailure).toBe(result.error);
    expect(writes).toEqual([{ release: 7, requestSent: false }]);
    expect(waitMs()).toBe(250);
    expect(events.at(-1)).toMatchObject({ type: 'token_request_failed', reason: 'CERT_HAS_EXPIRED' });
    expect(events.at(-1)).not.toHaveProperty('retryInMs');
    expect(failures.lastError).toMatchObject({ retryable: false });
  });

  test('of a request that was sent is thrown but not kept, and keeps the interval', async () => {
    const result = failed('token_request_refused', true, { status: 400, oauthError: 'invalid_scope' });
    respond = async () => result;
    expect(await request(leaseFor(11_000))).toBe(result.error);
    expect(waitState.permanentFailure).toBeUndefined();
    expect(writes).toEqual([{ release: 7, requestSent: true }]);
    expect(waitMs()).toBe(5_500);
    expect(events.at(-1)).toMatchObject({ status: 400, reason: 'invalid_scope' });
  });
});

describe('a 401', () => {
  test('counts as throttled the first time, and is retried after the interval', async () => {
    respond = async () => unauthorized;
    expect(await request(leaseFor(11_000))).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ code: 'token_request_throttled', status: 401, retryInMs: 5_500 });
    expect(writes).toEqual([{ release: 7, requestSent: true }]);
    expect(waitMs()).toBe(5_500);
    expect(waitState.createTimeoutError(readTimestamp(clock)).message).toContain(
      'responded with 401, which it also does for correct credentials when requests follow each other too soon',
    );
  });

  test('is thrown as credentials_rejected the second time', async () => {
    respond = async () => unauthorized;
    await request(leaseFor(11_000));
    await clock.advance(5_500);
    expect(await request(leaseFor(11_000))).toBe(unauthorized.error);
    expect(events.at(-1)).toMatchObject({ code: 'credentials_rejected', status: 401 });
    expect(events.at(-1)).not.toHaveProperty('retryInMs');
    expect(invalidClient.cachedErrorFor('secret', readTimestamp(clock))).toBe(unauthorized.error);
  });
});
