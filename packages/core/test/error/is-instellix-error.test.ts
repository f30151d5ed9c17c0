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
  test.each(errors)('$name is an InstellixError and an Error, and shows its name', (error) => {
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(InstellixError);
    expect(isInstellixError(error)).toBe(true);
    expect(inspect(error)).toContain(error.name);
    expect(error.retryable).toBeTypeOf('boolean');
  });

  test('an error of another copy of the package is recognised', () => {
    const foreign = Object.assign(new Error('m'), { [Symbol.for('@instellix/core:error')]: true });
    expect(isInstellixError(foreign)).toBe(true);
  });

  test.each([undefined, null, 'credentials_rejected', { code: 'credentials_rejected' }, new Error('m')])(
    'another value is not recognised: %s',
    (value) => {
      expect(isInstellixError(value)).toBe(false);
    },
  );

  test('code narrows the union', () => {
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
  ] as const)('%s has retryable %s', (code, retryable) => {
    expect(new TokenRequestError(code, 'm').retryable).toBe(retryable);
  });

  test('retryable can be set apart from the code, for a connection that waiting cannot repair', () => {
    expect(new TokenRequestError('token_endpoint_unavailable', 'm', { retryable: false }).retryable).toBe(false);
    expect(new TokenRequestError('token_endpoint_unavailable', 'm', { retryable: undefined }).retryable).toBe(true);
  });

  test('known details become fields', () => {
    const details = { status: 503, oauthError: 'invalid_scope', retryAfterMs: 5, reason: 'ECONNREFUSED' };
    const error = new TokenRequestError('token_endpoint_unavailable', 'm', { ...details, cause: 'c' });
    expect({ ...error }).toEqual({ code: 'token_endpoint_unavailable', retryable: true, ...details });
    expect(error.cause).toBe('c');
  });

  test('unknown details leave no empty fields', () => {
    expect(Object.keys(new TokenRequestError('token_request_timeout', 'm'))).toEqual(['code', 'retryable']);
    const unknown = {
      status: undefined,
      oauthError: undefined,
      retryAfterMs: undefined,
      reason: undefined,
      cause: undefined,
    };
    expect(Reflect.ownKeys(new TokenRequestError('token_request_timeout', 'm', unknown))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/status|oauthError|retryAfterMs|reason|cause/)]),
    );
    expect(Object.keys(new RequestRefusedError('client_closed', 'm', { requiredScope: undefined }))).toEqual([
      'code',
      'retryable',
    ]);
    expect(new TokenRequestError('token_request_timeout', 'm')).not.toHaveProperty('cause');
  });

  test('the message of a ConfigurationError has one line for each problem', () => {
    const error = new ConfigurationError(['first.', 'second.']);
    expect(error.message).toBe('The instellix configuration has 2 problems:\n- first.\n- second.');
    expect(error.problems).toEqual(['first.', 'second.']);
  });
});
