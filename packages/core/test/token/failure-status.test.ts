import { VirtualClock } from '@instellix/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { FailureStatus } from '../../src/token/failure-status.ts';
import type { TokenEvent } from '../../src/token/token-event.ts';
import { TokenEventEmitter } from '../../src/token/token-event-emitter.ts';

let clock: VirtualClock;
let events: TokenEvent[];
let failures: FailureStatus;
const busy = new TokenRequestError('token_endpoint_unavailable', 'busy', { status: 503, retryAfterMs: 60_000 });

beforeEach(() => {
  clock = new VirtualClock();
  events = [];
  const emitter = new TokenEventEmitter(clock, 'sandbox', 'acme');
  emitter.subscribe((event) => events.push(event));
  failures = new FailureStatus(clock, emitter);
});

describe('FailureStatus', () => {
  test('emits a failure as an event without undefined fields, in whole milliseconds', () => {
    failures.report(busy, true, 59_999.5);
    failures.report(new TokenRequestError('token_request_timeout', 'late'), false);
    const common = { at: clock.now(), environment: 'sandbox', realm: 'acme', type: 'token_request_failed' };
    expect(events).toStrictEqual([
      { ...common, code: 'token_endpoint_unavailable', status: 503, retryInMs: 60_000, stillServing: true },
      { ...common, code: 'token_request_timeout', stillServing: false },
    ]);
  });

  test.each([
    ['the code of the connection', { reason: 'ECONNREFUSED', oauthError: 'invalid_client' }, 'ECONNREFUSED'],
    ['the error code of the response', { oauthError: 'invalid_client' }, 'invalid_client'],
    ['the message of the cause', { cause: new Error('socket hang up') }, 'socket hang up'],
  ])('gives %s as the reason', (_, details, reason) => {
    failures.report(new TokenRequestError('token_endpoint_unavailable', 'failed', details), false);
    expect(events[0]).toMatchObject({ reason });
  });

  test('gives the error code of a failed secret function as the reason', () => {
    const cause = Object.assign(new Error('vault is locked'), { code: 'EVAULT' });
    failures.report(new ConfigurationError(['The clientSecret function failed.'], { cause }), false);
    expect(events[0]).toMatchObject({ code: 'configuration_invalid', reason: 'EVAULT' });
  });

  test('does not give its message, which may quote the secret, as the reason', () => {
    const cause = new RangeError('the vault is locked');
    failures.report(new ConfigurationError(['The clientSecret function failed.'], { cause }), false);
    expect(events[0]).toMatchObject({ code: 'configuration_invalid', reason: 'RangeError' });
  });

  test('keeps the last error until it is cleared', () => {
    failures.report(busy, false);
    expect(failures.lastError).toEqual({ code: 'token_endpoint_unavailable', at: clock.now(), retryable: true });
    failures.clear();
    expect(failures.lastError).toBeUndefined();
  });
});
