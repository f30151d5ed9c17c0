import { describe, expect, test } from 'vitest';
import { createFailureFactory } from '../../src/endpoint/failure-factory.ts';
import type { TokenRequestErrorCode } from '../../src/error/token-request-error.ts';
import { createRedactor } from '../../src/secret/redactor.ts';

const fail = createFailureFactory(
  {
    clientId: 'a"b',
    subject: 'realm "acme" in environment sandbox',
    tokenUrl: 'https://login.example:8443/acme/oauth2/token?tenant=1',
  },
  createRedactor(['planted']),
);

describe('a failure', () => {
  test.each<[TokenRequestErrorCode, string]>([
    ['credentials_rejected', 'unauthorized'],
    ['token_request_throttled', 'failed'],
    ['token_request_refused', 'failed'],
    ['token_endpoint_unavailable', 'failed'],
    ['token_request_timeout', 'failed'],
    ['token_response_invalid', 'failed'],
  ])('%s is %s, and its message says for whom, what happened and what to do', (code, kind) => {
    const result = fail(code, 'did something');
    expect(result.kind).toBe(kind);
    expect(result).toMatchObject({
      error: {
        code,
        message: expect.stringMatching(
          /^No token for client "a\\"b" of realm "acme" in environment sandbox: the token endpoint at https:\/\/login\.example:8443 did something\. [A-Z].*\.$/,
        ),
      },
    });
  });

  test('counts as sent unless the details say otherwise', () => {
    expect(fail('token_endpoint_unavailable', 'x')).toMatchObject({ requestSent: true });
    expect(fail('token_endpoint_unavailable', 'x', { requestSent: false })).toMatchObject({ requestSent: false });
  });

  test('redacts a client id, realm or host that contains the secret', () => {
    const same = createFailureFactory(
      { clientId: 'planted', subject: 'realm "planted" in environment e', tokenUrl: 'https://planted.example/planted' },
      createRedactor(['planted']),
    );
    expect(same('token_request_timeout', 'x')).toHaveProperty(
      'error.message',
      expect.stringMatching(/client "\[redacted\]" of realm "\[redacted\]".* at https:\/\/\[redacted\]\.example x/),
    );
  });

  test('passes details on to the error, and the remedy to its message', () => {
    const details = { status: 503, reason: 'EPROTO', retryable: false, remedy: 'Do this.' };
    expect(fail('token_endpoint_unavailable', 'x', details)).toMatchObject({
      error: { status: 503, reason: 'EPROTO', retryable: false, message: expect.stringMatching(/ x\. Do this\.$/) },
    });
  });
});
