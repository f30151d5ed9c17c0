import { expect, test } from 'vitest';
import { createTokenRequestError } from '../../src/error/create-token-request-error.ts';
import type { TokenRequestErrorCode } from '../../src/index.ts';

const codes: TokenRequestErrorCode[] = [
  'credentials_rejected',
  'token_request_throttled',
  'token_request_refused',
  'token_endpoint_unavailable',
  'token_request_timeout',
  'token_response_invalid',
];

test.each(codes)('%s: the message says for whom, what happened and what to do', (code) => {
  const error = createTokenRequestError('realm "acme"', code, 'it happened', { status: 418 });
  expect(error).toMatchObject({ code, status: 418 });
  expect(error.message).toMatch(/^No token for realm "acme": it happened\. [A-Z].{20,}\.$/);
});

test('each code has a remedy of its own, which a known cause replaces', () => {
  const messages = codes.map((code) => createTokenRequestError('x', code, 'y').message);
  expect(new Set(messages).size).toBe(codes.length);
  const error = createTokenRequestError('x', 'token_endpoint_unavailable', 'y', {}, 'Do this.');
  expect(error.message).toBe('No token for x: y. Do this.');
});
