import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type AnyInstellixError,
  ConfigurationError,
  InstellixError,
  isInstellixError,
  RequestRefusedError,
  TokenRequestError,
} from '../../src/index.ts';

const errors: AnyInstellixError[] = [
  new ConfigurationError(['realm is missing.']),
  new TokenRequestError('credentials_rejected', 'm', { status: 401 }),
  new RequestRefusedError('client_closed', 'm'),
];

describe('errors', () => {
  test.each(errors)('$name is one of ours and an Error, with its name in stack and log', (error) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(InstellixError);
    expect(isInstellixError(error)).toBe(true);
    expect(inspect(error)).toContain(error.name);
    expect(error.retryable).toBeTypeOf('boolean');
  });

  test('another copy of the package is recognised, so that two versions in one process understand each other', () => {
    const foreign = Object.assign(new Error('m'), { [Symbol.for('@instellix/core:error')]: true });
    expect(isInstellixError(foreign)).toBe(true);
  });

  test.each([undefined, null, 'credentials_rejected', { code: 'credentials_rejected' }, new Error('m')])(
    'a stranger is not taken for one of ours: %s',
    (value) => {
      expect(isInstellixError(value)).toBe(false);
    },
  );

  test('code narrows the union, so that a switch knows its fields', () => {
    const [, error] = errors;
    if (error?.code === 'configuration_invalid') expectTypeOf(error.problems).toEqualTypeOf<readonly string[]>();
    else if (error?.code === 'insufficient_scope') expectTypeOf(error).toEqualTypeOf<RequestRefusedError>();
    else if (error?.code === 'token_request_refused')
      expectTypeOf(error.oauthError).toEqualTypeOf<string | undefined>();
  });

  test.each([
    ['credentials_rejected', false],
    ['token_request_throttled', true],
    ['token_request_refused', false],
    ['token_endpoint_unavailable', true],
    ['token_request_timeout', true],
    ['token_response_invalid', false],
  ] as const)('%s says whether trying again helps: %s', (code, retryable) => {
    expect(new TokenRequestError(code, 'm').retryable).toBe(retryable);
  });

  test('details that are not known leave no empty fields in logs', () => {
    expect(Object.keys(new TokenRequestError('token_request_timeout', 'm'))).toEqual(['code', 'retryable']);
    const unknown = { status: undefined, oauthError: undefined, retryAfterMs: undefined, cause: undefined };
    expect(Reflect.ownKeys(new TokenRequestError('token_request_timeout', 'm', unknown))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/status|oauthError|retryAfterMs|cause/)]),
    );
    expect(Object.keys(new RequestRefusedError('client_closed', 'm', { requiredScope: undefined }))).toEqual([
      'code',
      'retryable',
    ]);
    expect(new TokenRequestError('token_request_timeout', 'm')).not.toHaveProperty('cause');
  });

  test('all problems of a configuration are one message, a line each', () => {
    const error = new ConfigurationError(['first.', 'second.']);
    expect(error.message).toBe('The instellix configuration has 2 problems:\n- first.\n- second.');
    expect(error.problems).toEqual(['first.', 'second.']);
  });
});
