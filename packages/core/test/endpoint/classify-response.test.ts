import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { encodeBasicCredentials } from '../../src/endpoint/basic-credentials.ts';
import { deferred } from './deferred.ts';
import { basic, clientId, errorOf, resultOf, secret, summarize, token, tokenRequest } from './token-request-fixture.ts';

const good = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269 });
const invalid = 'final token_response_invalid';
const unavailable = 'transient token_endpoint_unavailable';

describe('a fetch that misbehaves', () => {
  /** An error with the request in it, as some libraries throw. */
  const careless = () =>
    Object.assign(new Error(`401 for Basic ${basic}`), {
      name: `Failure ${secret}`,
      code: `ERR_${secret}`,
      config: { headers: { authorization: `Basic ${basic}` }, data: `client_secret=${secret}` },
      toJSON: () => ({ secret }),
      cause: { message: `Answer: {"access_token":"${token}"}`, response: { data: { access_token: token } } },
    });

  test.each<[string, () => unknown, string]>([
    [
      'throws synchronously',
      () => {
        throw new TypeError('no');
      },
      unavailable,
    ],
    ['rejects with undefined', () => Promise.reject(undefined), unavailable],
    ['rejects with null', () => Promise.reject(null), unavailable],
    ['rejects with a string', () => Promise.reject(`bad ${secret}`), unavailable],
    ['rejects with a symbol', () => Promise.reject(Symbol(secret)), unavailable],
    ['rejects with an error that holds the request', () => Promise.reject(careless()), unavailable],
    [
      'rejects with an error that cannot be read',
      () =>
        Promise.reject(
          new Proxy(
            {},
            {
              get() {
                throw new Error(secret);
              },
            },
          ),
        ),
      unavailable,
    ],
    [
      'rejects with an error that is its own cause',
      () => {
        const error = careless();
        return Promise.reject(Object.assign(error, { cause: error }));
      },
      unavailable,
    ],
    [
      'cannot decompress',
      () => Promise.reject(Object.assign(new Error('x'), { cause: { code: 'Z_DATA_ERROR' } })),
      invalid,
    ],
    ['resolves with undefined', () => undefined, invalid],
    ['resolves with a string', () => good, invalid],
    [
      'resolves with what axios would',
      () => ({ status: 200, data: JSON.parse(good), headers: {}, config: careless() }),
      invalid,
    ],
    ['resolves with half a mock', () => ({ ok: true, status: 200, json: async () => JSON.parse(good) }), invalid],
    [
      'resolves with an object whose body is no stream',
      () => ({ status: 200, headers: new Headers(), body: good }),
      invalid,
    ],
    [
      'resolves with an object whose status is no number',
      () => ({ status: '200', headers: new Headers(), body: null }),
      invalid,
    ],
    [
      'resolves with an object that cannot be read',
      () => ({
        get status() {
          throw careless();
        },
      }),
      invalid,
    ],
    ['resolves with Response.error()', () => Response.error(), invalid],
    [
      'resolves with a body that is locked',
      () => {
        const response = new Response(good);
        response.body?.getReader();
        return response;
      },
      invalid,
    ],
    [
      'resolves with a body that has been read',
      async () => {
        const response = new Response(good);
        await response.text();
        return response;
      },
      invalid,
    ],
    [
      'resolves with a stream of strings',
      () =>
        new Response(
          new ReadableStream({
            start: (c) => {
              c.enqueue(good);
              c.close();
            },
          }),
        ),
      `${invalid} 200`,
    ],
    [
      'follows redirects',
      () => Object.defineProperty(new Response(good), 'redirected', { value: true }),
      `${invalid} 200`,
    ],
    [
      'hides a redirect, as browsers do',
      () => Object.defineProperties(Response.error(), { type: { value: 'opaqueredirect' } }),
      invalid,
    ],
    [
      'breaks off inside the body',
      () => new Response(new ReadableStream({ pull: (c) => c.error(careless()) })),
      `${unavailable} 200`,
    ],
    [
      'breaks off with a code of name resolution after the response has begun',
      () =>
        new Response(new ReadableStream({ pull: (c) => c.error(Object.assign(new Error(), { code: 'ENOTFOUND' })) })),
      `${unavailable} 200`,
    ],
    [
      'sends what is not gzip',
      () =>
        new Response(new ReadableStream({ pull: (c) => c.error(Object.assign(new Error(), { code: 'Z_BUF_ERROR' })) })),
      `${invalid} 200`,
    ],
    [
      'resolves with a body that cannot be cancelled',
      () => ({ status: 503, headers: new Headers(), body: { getReader: () => ({}) } }),
      `${unavailable} 503`,
    ],
    [
      'resolves with a body that cannot be read',
      () => ({ status: 200, headers: new Headers(), body: { getReader: () => ({}) } }),
      `${unavailable} 200`,
    ],
  ])('is a result without secrets when it %s', async (_, fake, outcome) => {
    expect(summarize(await resultOf(fake))).toBe(outcome);
  });

  test('keeps a sanitised cause', async () => {
    const error = errorOf(await resultOf(() => Promise.reject(careless())));
    expect(error.cause).toMatchObject({ message: '401 for Basic [redacted]', name: 'Failure [redacted]' });
    expect(error.cause).toHaveProperty('cause.message', 'Answer: {"access_token":"[redacted]"}');
  });
});

test('a body that is not needed is cancelled', async () => {
  const cancelled = deferred<void>();
  const body = new ReadableStream({ cancel: () => cancelled.resolve() });
  expect(summarize(await resultOf(() => new Response(body, { status: 503 })))).toBe(`${unavailable} 503`);
  await cancelled.promise;
});

describe('the error of a failure', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['that is no Response', () => 5, /: the token endpoint at \S+ returned a value that is not a readable Response\b/],
    [
      'that is too long',
      () => new Response('x'.repeat(65_537)),
      /responded with 200, but the response cannot be used: it is longer than 64 KiB/,
    ],
    [
      'that cannot be decompressed',
      () => Promise.reject(Object.assign(new Error('x'), { code: 'Z_DATA_ERROR' })),
      /returned a response that cannot be decompressed \(Z_DATA_ERROR\)/,
    ],
    ['with the status 300', () => new Response('', { status: 300 }), /redirected the request/],
    ['with the status 503', () => new Response('', { status: 503 }), /responded with 503\b/],
  ])('of a response %s says so', async (_, respond, message) => {
    expect(errorOf(await resultOf(respond)).message).toMatch(message);
  });

  test('shows no credentials that the server repeats without their padding', async () => {
    for (const planted of ['s3cret-1', 's3cret-12', 's3cret-123']) {
      const pair = encodeBasicCredentials(clientId, planted, 'raw').replace(/=+$/, '');
      const body = JSON.stringify({ error: 'invalid_request', error_description: `got Basic ${pair}` });
      const fetch = async () => new Response(body, { status: 400 });
      const result = await tokenRequest({ fetch, secret: planted }).result;
      expect(result).toHaveProperty('error.message', expect.stringContaining('got Basic [redacted]'));
    }
  });

  test('names a redirect that the browser hides', async () => {
    const hidden = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    const error = errorOf(await resultOf(() => hidden));
    expect(error.message).toContain('token requests follow no redirects');
    expect(error).not.toHaveProperty('status');
  });

  const respond = (status: number, body = '', headers = {}) =>
    resultOf(() => new Response(body, { status, headers })).then(errorOf);

  test('has code and description of the server in one line', async () => {
    const error = await respond(400, '{"error":"invalid_scope","error_description":"No\\n such\\t\\u202escope"}');
    expect(error.message).toContain('responded with 400 (invalid_scope: No such scope). ');
    expect(error.oauthError).toBe('invalid_scope');
  });

  test('says what to check after a 401', async () => {
    const error = await respond(401, '{"error":"invalid_client"}');
    expect(error.message).toMatch(
      /responded with 401 \(invalid_client\)\. .*tried twice.*realm, client id, secret and environment.*web portal\.$/,
    );
    expect(error.retryable).toBe(false);
  });

  test.each([429, 503, 408])('has the Retry-After of a %i', async (status) => {
    expect(await respond(status, '', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000, retryable: true });
    const date = new Date(new VirtualClock().now() + 9_000).toUTCString();
    expect(await respond(status, '', { 'retry-after': date })).toMatchObject({ retryAfterMs: 9_000 });
    expect(await respond(status, '', { 'retry-after': 'soon' })).not.toHaveProperty('retryAfterMs');
  });

  test('redacts a subject that contains the secret', async () => {
    const subject = `realm ${JSON.stringify(secret)} in environment sandbox`;
    const error = await tokenRequest({ clientId: secret, subject, fetch: async () => new Response('') }).result;
    expect(JSON.stringify(error, ['message', 'error'])).not.toContain('planted');
  });
});
