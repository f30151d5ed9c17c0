import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { WaitState } from '../../src/token/wait-state.ts';

const at = (ms: number) => ({ wall: 1_000_000 + ms, monotonic: ms });
const busy = new TokenRequestError('token_endpoint_unavailable', 'busy', { status: 503, retryAfterMs: 60_000 });

describe('the error of a caller whose maxWaitMs has elapsed', () => {
  test.each([
    ['throttle', 'token_request_throttled', /the minimum interval since the last token request/],
    ['retry', 'token_endpoint_unavailable', /the wait after the last failure/],
    ['other_process', 'token_request_throttled', /another client of the same store/],
    ['secret', 'token_request_timeout', /the clientSecret function has not returned/],
    ['endpoint', 'token_request_timeout', /the token endpoint has not responded/],
  ] as const)('names what it waited for: %s', (waitingFor, code, message) => {
    const state = new WaitState('realm "acme"');
    state.set(waitingFor);
    const error = state.createTimeoutError(at(0));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error.message).toContain('realm "acme"');
    expect(error).not.toHaveProperty('retryAfterMs');
  });

  test.each(['throttle', 'retry'] as const)('has retryAfterMs when the end of the wait is known: %s', (kind) => {
    const state = new WaitState('a test');
    state.set(kind, at(5_500));
    expect(state.createTimeoutError(at(500.5))).toMatchObject({ retryAfterMs: 5_000 });
    expect(state.createTimeoutError(at(6_000))).toMatchObject({ retryAfterMs: 0 });
  });

  test('is the last failure, with the rest of its retryAfterMs', () => {
    const state = new WaitState('a test');
    state.recordFailure(busy);
    state.set('retry', at(60_000));
    const error = state.createTimeoutError(at(20_000));
    expect(error).toMatchObject({ code: 'token_endpoint_unavailable', status: 503, retryAfterMs: 40_000 });
  });

  test('is not the last failure after forgetFailure', () => {
    const state = new WaitState('a test');
    state.recordFailure(busy);
    state.forgetFailure();
    expect(state.createTimeoutError(at(0))).toMatchObject({ code: 'token_request_throttled' });
  });

  test('is the unchanged error of the secret function', () => {
    const state = new WaitState('a test');
    const failure = new ConfigurationError(['The clientSecret function failed.']);
    state.recordFailure(failure);
    expect(state.createTimeoutError(at(0))).toBe(failure);
  });
});

describe('a failure that waiting cannot repair', () => {
  test('is returned until forgetFailure', () => {
    const state = new WaitState('a test');
    expect(state.permanentFailure).toBeUndefined();
    state.recordPermanentFailure(busy);
    expect(state.permanentFailure).toBe(busy);
    state.forgetFailure();
    expect(state.permanentFailure).toBeUndefined();
  });

  test('is not recorded by recordFailure', () => {
    const state = new WaitState('a test');
    state.recordFailure(busy);
    expect(state.permanentFailure).toBeUndefined();
  });
});
