import { describe, expect, test } from 'vitest';
import { createFail } from '../../src/endpoint/failed-answer.ts';
import type { TokenRequestErrorCode } from '../../src/error/token-request-error.ts';
import { createRedactor } from '../../src/secret/redactor.ts';

const fail = createFail(
  { clientId: 'a"b', subject: 'realm "acme" in environment sandbox' },
  createRedactor(['planted']),
);

describe('a failed answer', () => {
  test.each<[TokenRequestErrorCode, string]>([
    ['credentials_rejected', 'unauthorized'],
    ['token_request_throttled', 'transient'],
    ['token_request_refused', 'final'],
    ['token_endpoint_unavailable', 'transient'],
    ['token_request_timeout', 'transient'],
    ['token_response_invalid', 'final'],
  ])('%s is %s, and tells what happened, to whom, and what to do', (code, kind) => {
    const answer = fail(code, 'did something');
    expect(answer.kind).toBe(kind);
    expect(answer).toMatchObject({
      error: {
        code,
        message: expect.stringMatching(
          /^No token for client "a\\"b" of realm "acme" in environment sandbox: the token endpoint did something\. [A-Z].*\.$/,
        ),
      },
    });
  });

  test('counts as sent unless the opposite is known', () => {
    expect(fail('token_endpoint_unavailable', 'x')).toMatchObject({ requestSent: true });
    expect(fail('token_endpoint_unavailable', 'x', {}, false)).toMatchObject({ requestSent: false });
  });

  test('shows no secret that is also an id or a realm', () => {
    const same = createFail(
      { clientId: 'planted', subject: 'realm "planted" in environment e' },
      createRedactor(['planted']),
    );
    expect(same('token_request_timeout', 'x')).toHaveProperty(
      'error.message',
      expect.stringContaining('client "[redacted]" of realm "[redacted]"'),
    );
  });
});
