import { VirtualClock } from '@instellix/testing';
import { describe, expect, test } from 'vitest';
import { deferred } from './deferred.ts';
import { answerOf, basic, errorOf, secret, summarize, token, tokenRequest } from './token-request-fixture.ts';

const good = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269 });
const invalid = 'final token_response_invalid';
const unavailable = 'transient token_endpoint_unavailable';

describe('a fetch that misbehaves', () => {
  /** As libraries make them: the request hangs on the error. */
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
      'resolves with a body that somebody reads',
      () => {
        const response = new Response(good);
        response.body?.getReader();
        return response;
      },
      invalid,
    ],
    [
      'resolves with a body that somebody has read',
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
      'follows redirects all the same',
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
      'breaks off with a code of the name resolution, although the answer had begun',
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
  ])('that %s ends in an answer that shows no secret', async (_, fake, outcome) => {
    expect(summarize(await answerOf(fake))).toBe(outcome);
  });

  test('leaves a cause that tells what happened', async () => {
    const error = errorOf(await answerOf(() => Promise.reject(careless())));
    expect(error.cause).toMatchObject({ message: '401 for Basic [redacted]', name: 'Failure [redacted]' });
    expect(error.cause).toHaveProperty('cause.message', 'Answer: {"access_token":"[redacted]"}');
  });
});

test('a body that the status makes needless is let go, although nobody aborts it', async () => {
  const cancelled = deferred<void>();
  const body = new ReadableStream({ cancel: () => cancelled.resolve() });
  expect(summarize(await answerOf(() => new Response(body, { status: 503 })))).toBe(`${unavailable} 503`);
  await cancelled.promise;
});

describe('what a failure tells', () => {
  test('a redirect that the browser hides is called one', async () => {
    const hidden = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    const error = errorOf(await answerOf(() => hidden));
    expect(error.message).toContain('a redirect is never followed');
    expect(error).not.toHaveProperty('status');
  });

  const answered = (status: number, body = '', headers = {}) =>
    answerOf(() => new Response(body, { status, headers })).then(errorOf);

  test("the server's own words, in one line, with the code apart", async () => {
    const error = await answered(400, '{"error":"invalid_scope","error_description":"No\\n such\\t\\u202escope"}');
    expect(error.message).toContain('answered 400 (it says: invalid_scope: No such scope). ');
    expect(error.oauthError).toBe('invalid_scope');
  });

  test('what a 401 means, and who can mend it', async () => {
    const error = await answered(401, '{"error":"invalid_client"}');
    expect(error.message).toMatch(
      /answered 401 \(it says: invalid_client\)\. .*throttle lasts 5 s\..*secret.*web portal\.$/,
    );
    expect(error.retryable).toBe(false);
  });

  test.each([429, 503, 408])('%i: when asking again is worth it', async (status) => {
    expect(await answered(status, '', { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7_000, retryable: true });
    const date = new Date(new VirtualClock().now() + 9_000).toUTCString();
    expect(await answered(status, '', { 'retry-after': date })).toMatchObject({ retryAfterMs: 9_000 });
    expect(await answered(status, '', { 'retry-after': 'soon' })).not.toHaveProperty('retryAfterMs');
  });

  test('nothing of its subject that is the secret, for those who use one word for everything', async () => {
    const subject = `realm ${JSON.stringify(secret)} in environment sandbox`;
    const error = await tokenRequest({ clientId: secret, subject, fetch: async () => new Response('') }).answer;
    expect(JSON.stringify(error, ['message', 'error'])).not.toContain('planted');
  });
});
