import { expect, test } from 'vitest';
import { rememberApiUnreachable } from '../../src/error/api-unreachable.ts';
import { findGatewayFailure } from '../../src/error/gateway-failure.ts';
import { type AnyInstellixError, ConfigurationError, RequestRefusedError, TokenRequestError } from '../../src/index.ts';

// Never 401 or 403, which would say that the caller of the service lacks a credential or a right.
const statuses: Record<AnyInstellixError['code'], number> = {
  configuration_invalid: 500,
  credentials_rejected: 502,
  token_rejected: 502,
  insufficient_scope: 502,
  token_request_refused: 502,
  token_response_invalid: 502,
  origin_not_allowed: 502,
  token_request_throttled: 503,
  token_endpoint_unavailable: 503,
  client_closed: 503,
  token_request_timeout: 504,
};

test.each(Object.entries(statuses))('%s becomes a %i', (code, status) => {
  const error = new RequestRefusedError(code as 'client_closed', 'failed');
  const expected = { error, status, code, headers: {} };
  expect(findGatewayFailure(error)).toEqual(expected);
  expect(findGatewayFailure(new Error('wrapped', { cause: error }))).toEqual(expected);
});

test('a secret function that has failed becomes a 503, because a vault may be up again later', () => {
  const error = new ConfigurationError(['failed'], { retryable: true });
  expect(findGatewayFailure(error)).toMatchObject({ error, status: 503, code: 'configuration_invalid' });
});

test('an API that was not reached becomes a 502 with a code of its own', () => {
  const error = new TypeError('fetch failed');
  expect(findGatewayFailure(error)).toBeUndefined();
  rememberApiUnreachable(error);
  const expected = { error, status: 502, code: 'api_unreachable', headers: {} };
  expect(findGatewayFailure(new Error('wrapped', { cause: error }))).toEqual(expected);
});

test.each([undefined, null, 'failed', new Error('of other code')])('%s is none of instellix', (thrown) => {
  expect(findGatewayFailure(thrown)).toBeUndefined();
});

test.each([
  [0, '0'],
  [1, '1'],
  [5_000, '5'],
  [5_001, '6'],
])('retryAfterMs is rounded up to seconds: %d ms', (retryAfterMs, seconds) => {
  const error = new TokenRequestError('token_request_throttled', 'throttled', { retryAfterMs });
  expect(findGatewayFailure(error).headers).toEqual({ 'Retry-After': seconds });
});

test('there is no Retry-After unless the status is 503', () => {
  const error = new TokenRequestError('token_request_refused', 'no', { retryAfterMs: 5 });
  expect(findGatewayFailure(error).headers).toEqual({});
});
