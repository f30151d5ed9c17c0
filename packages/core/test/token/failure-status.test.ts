import { VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { FailureRecord } from '../../src/token/failure-record.ts';
import type { TokenEventDetails } from '../../src/token/token-event.ts';

let clock: VirtualClock;
let events: TokenEventDetails[];
let record: FailureRecord;
const busy = new TokenRequestError('token_endpoint_unavailable', 'busy', { status: 503, retryAfterMs: 60_000 });

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  record = new FailureRecord({ clock, emit: (event) => events.push(event), subject: 'realm "acme"' });
});

describe('a caller whose time is up', () => {
  test.each([
    ['gate', 'token_request_throttled', /the vendor allows no token request/],
    ['holder', 'token_request_throttled', /another client of the same store/],
    ['secret', 'token_request_timeout', /the clientSecret function has not answered/],
    ['endpoint', 'token_request_timeout', /the token endpoint has not answered/],
  ] as const)('hears what it waited for: %s', (what, code, message) => {
    record.waitFor(what);
    expect(record.explain()).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('hears when the gate opens', async () => {
    record.waitFor('gate', 5_500);
    await clock.advance(500);
    expect(record.explain()).toMatchObject({ retryAfterMs: 5_000 });
  });

  test('hears of the failure behind the wait, with what is left of it', async () => {
    record.remember(busy);
    record.waitFor('gate', 60_000);
    await clock.advance(20_000);
    expect(record.explain()).toMatchObject({ code: 'token_endpoint_unavailable', status: 503, retryAfterMs: 40_000 });
  });

  test('hears nothing of a failure that is over', () => {
    record.remember(busy);
    record.forget();
    expect(record.explain()).toMatchObject({ code: 'token_request_throttled' });
  });

  test('hears of a secret function that fails as it is', () => {
    const failure = new ConfigurationError(['The clientSecret function failed.']);
    record.remember(failure);
    expect(record.explain()).toBe(failure);
  });
});

describe('a failure', () => {
  test('is told to listeners, without fields that nobody knows', () => {
    record.report(busy, true, 60_000);
    record.report(new TokenRequestError('token_request_timeout', 'late'), false);
    expect(events).toEqual([
      {
        type: 'token_request_failed',
        code: 'token_endpoint_unavailable',
        status: 503,
        retryInMs: 60_000,
        stillServing: true,
      },
      { type: 'token_request_failed', code: 'token_request_timeout', stillServing: false },
    ]);
  });

  test('is the last error until the next success, also when it is no longer told to callers', () => {
    record.report(busy, false);
    record.forget();
    expect(record.lastError).toEqual({ code: 'token_endpoint_unavailable', at: clock.now(), retryable: true });
    record.clear();
    expect(record.lastError).toBeUndefined();
  });
});
