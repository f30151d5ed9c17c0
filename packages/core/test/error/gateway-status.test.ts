import { expect, test } from 'vitest';
import { gatewayStatus, retryAfterSeconds } from '../../src/error/gateway-status.ts';
import { type AnyInstellixError, RequestRefusedError, TokenRequestError } from '../../src/index.ts';

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
  expect(gatewayStatus({ code } as AnyInstellixError)).toBe(status);
});

test.each([
  [0, 0],
  [1, 1],
  [5_000, 5],
  [5_001, 6],
])('retryAfterMs is rounded up to seconds: %d ms', (retryAfterMs, seconds) => {
  expect(retryAfterSeconds(new TokenRequestError('token_request_throttled', 'throttled', { retryAfterMs }))).toBe(
    seconds,
  );
});

test('there is no Retry-After unless the status is 503 and the time is known', () => {
  expect(retryAfterSeconds(new TokenRequestError('token_request_refused', 'no', { retryAfterMs: 5 }))).toBeUndefined();
  expect(retryAfterSeconds(new TokenRequestError('token_endpoint_unavailable', 'no'))).toBeUndefined();
  expect(retryAfterSeconds(new RequestRefusedError('client_closed', 'closed'))).toBeUndefined();
});
