import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { fetch as undiciFetch } from 'undici';
import { describe, expect, test } from 'vitest';
import type { TokenEndpointSettings } from '../../src/endpoint/token-endpoint.ts';
import { deferred } from './deferred.ts';
import { startRawServer } from './raw-server.ts';
import { basic, errorOf, resultOf, summarize, token, tokenRequest } from './token-request-fixture.ts';

const good = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269 });
const timeout = 'transient token_request_timeout';

function issue(socket: Socket): void {
  socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${good.length}\r\n\r\n${good}`);
}

/** Makes one request to a server that issues a token, and returns what the server received. */
async function sent(settings: Partial<TokenEndpointSettings>) {
  await using server = await startRawServer(issue);
  const { result } = tokenRequest({ tokenUrl: server.url, ...settings });
  expect(summarize(await result)).toBe('issued the token, 269000 ms');
  const [head = '', body = ''] = (server.requests[0] ?? '').split(/\r\n\r\n(.*)/s);
  const [requestLine, ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']),
  );
  const form = await new Response(body, { headers: { 'content-type': headers.get('content-type') ?? '' } }).formData();
  return { requestLine, headers, form: [...form] };
}

describe('the request', () => {
  test('is as the vendor documents', async () => {
    const { requestLine, headers, form } = await sent({});
    expect(requestLine).toBe('POST /acme/oauth2/token HTTP/1.1');
    expect(headers.get('authorization')).toBe(`Basic ${basic}`);
    expect(headers.get('accept')).toBe('application/json');
    expect(headers.get('content-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(form).toEqual([['grant_type', 'client_credentials']]);
  });

  test('is as RFC 6749 specifies with the options for it', async () => {
    const { headers, form } = await sent({ bodyFormat: 'urlencoded', basicEncoding: 'form', scope: 'a:read b:write' });
    expect(atob((headers.get('authorization') ?? '').slice(6))).toBe(
      'my-app:planted+%22s3cret%22%3A%5C%C3%A4%2F%2B%3F%26%3D%25',
    );
    expect(headers.get('content-type')).toMatch(/^application\/x-www-form-urlencoded/);
    expect(form).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read b:write'],
    ]);
  });

  test('has the scope in a multipart body, too', async () => {
    const { form } = await sent({ scope: 'a:read' });
    expect(form).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read'],
    ]);
  });

  test('uses no cache and no cookies, and follows no redirect', async () => {
    let init: RequestInit | undefined;
    await resultOf((_, given) => {
      init = given;
      return new Response(good);
    });
    expect(init).toMatchObject({ redirect: 'manual', cache: 'no-store', credentials: 'omit', method: 'POST' });
  });

  test('has no cache and no credentials where Request has neither', async () => {
    const { Request } = globalThis;
    let init: RequestInit | undefined;
    try {
      globalThis.Request = class {} as unknown as typeof globalThis.Request;
      await resultOf((_, given) => {
        init = given;
        return new Response(good);
      });
    } finally {
      globalThis.Request = Request;
    }
    expect(init).toMatchObject({ redirect: 'manual' });
    expect(init).not.toHaveProperty('cache');
    expect(init).not.toHaveProperty('credentials');
  });

  test('is made without a receiver, which browsers require', async () => {
    let receiver: unknown = 'none';
    async function recording(this: unknown) {
      receiver = this;
      return new Response(good);
    }
    await tokenRequest({ fetch: recording as typeof fetch }).result;
    expect(receiver).toBeUndefined();
  });
});

describe('any fetch', () => {
  test('whose error quotes the token URL brings no query of it into the error', async () => {
    const tokenUrl = 'http://127.0.0.1:1/acme/oauth2/token?subscription-key=planted-key';
    const fetch = (url: unknown) => Promise.reject(new TypeError(`request to ${url} failed, reason: closed`));
    const error = errorOf(await tokenRequest({ tokenUrl, fetch: fetch as never }).result);
    expect(error.cause).toMatchObject({
      message: 'request to http://127.0.0.1:1/acme/oauth2/token failed, reason: closed',
    });
    expect(inspect(error)).not.toContain('planted-key');
  });

  test.each(['multipart', 'urlencoded'] as const)(
    'gets strings and plain objects only, with %s',
    async (bodyFormat) => {
      const isPlain = (value: unknown) =>
        typeof value === 'string' || Object.getPrototypeOf(value) === Object.prototype;
      let request: unknown[] = [];
      const { result } = tokenRequest({
        bodyFormat,
        scope: 'a',
        fetch: async (...given) => {
          request = given;
          return new Response(good);
        },
      });
      await result;
      const [url, init] = request as [unknown, RequestInit];
      const { signal, ...others } = init;
      expect(signal).toBeInstanceOf(AbortSignal);
      for (const value of [url, init, ...Object.values(others)]) expect(value).toSatisfy(isPlain);
      for (const value of Object.values(init.headers ?? {})) expect(value).toBeTypeOf('string');
    },
  );

  test.each(['multipart', 'urlencoded'] as const)('can be that of the package undici, with %s', async (bodyFormat) => {
    const { form } = await sent({ fetch: undiciFetch as unknown as typeof fetch, bodyFormat, scope: 'a:read' });
    expect(form).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read'],
    ]);
  });

  test.each([
    ['a token', 200, good, 'issued the token, 269000 ms'],
    ['an error', 400, '{"error":"invalid_scope"}', 'final token_request_refused 400 invalid_scope'],
    ['a 503, whose body is not read', 503, good, 'transient token_endpoint_unavailable 503'],
    ['a redirect', 302, good, 'final token_response_invalid 302'],
    ['a body that is too long', 200, ' '.repeat(70_000), 'final token_response_invalid 200'],
  ])(
    'may keep a clone of each response, of which cancelling then never settles: %s',
    async (_, status, body, outcome) => {
      const kept: Response[] = [];
      const { result } = tokenRequest({
        fetch: async () => {
          const response = new Response(body, { status });
          kept.push(response.clone());
          return response;
        },
      });
      expect(summarize(await result)).toBe(outcome);
      expect(kept).toHaveLength(1);
    },
  );
});

describe('the timeout', () => {
  test('ends a request without a response, and says what to do', async () => {
    await using server = await startRawServer(() => {});
    const request = tokenRequest({ tokenUrl: server.url, timeoutMs: 1_234.5 });
    await server.responded;
    await request.clock.advance(1_234);
    expect(request.clock.sleeping).toBe(1);
    await request.clock.advance(1);
    const result = await request.result;
    expect(summarize(result)).toBe(timeout);
    expect(errorOf(result).message).toMatch(/did not respond completely within 123\d ms\. .*tokenRequest\.timeoutMs/);
    await server.allClosed();
  });

  test('ends a fetch that ignores its signal, and cancels its late body', async () => {
    const late = deferred<Response>();
    const cancelled = deferred<void>();
    const request = tokenRequest({ fetch: () => late.promise });
    await request.clock.advance(10_000);
    expect(summarize(await request.result)).toBe(timeout);
    late.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await cancelled.promise;
  });

  test('cancels a body whose stream ignores the signal', async () => {
    const cancelled = deferred<void>();
    const reading = deferred<void>();
    const body = new ReadableStream(
      { pull: () => reading.resolve(), cancel: () => cancelled.resolve() },
      { highWaterMark: 0 },
    );
    const request = tokenRequest({ fetch: async () => new Response(body) });
    await reading.promise;
    await request.clock.advance(10_000);
    expect(summarize(await request.result)).toBe(timeout);
    await cancelled.promise;
  });

  test('leaves no timer after the response', async () => {
    const request = tokenRequest({ fetch: async () => new Response(good) });
    await request.result;
    expect(request.clock.sleeping).toBe(0);
  });
});

describe('an abort', () => {
  const reason = { why: 'the caller aborted' };

  test('rejects with its own reason before anything is sent', async () => {
    let calls = 0;
    const counting = async () => {
      calls++;
      return new Response(good);
    };
    const { result } = tokenRequest({ fetch: counting }, AbortSignal.abort(reason));
    await expect(result).rejects.toBe(reason);
    expect(calls).toBe(0);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['before the response', () => {}],
    ['inside the body', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{')],
    [
      'inside the body of an error response',
      (socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n{'),
    ],
  ])('%s: rejects with its own reason and closes the connection', async (_, respond) => {
    await using server = await startRawServer(respond);
    const request = tokenRequest({ tokenUrl: server.url });
    await server.responded;
    request.caller.abort(reason);
    await expect(request.result).rejects.toBe(reason);
    expect(request.clock.sleeping).toBe(0);
    await server.allClosed();
  });

  test('rejects at once, even if fetch ignores it', async () => {
    const request = tokenRequest({ fetch: () => new Promise(() => {}) });
    request.caller.abort(reason);
    await expect(request.result).rejects.toBe(reason);
  });

  test('rejects with its own reason, even if fetch resolves', async () => {
    const request = tokenRequest({
      fetch: (_, init) =>
        new Promise((resolve) => {
          init?.signal?.addEventListener('abort', () => resolve(new Response('no', { status: 500 })));
        }),
    });
    request.caller.abort(reason);
    await expect(request.result).rejects.toBe(reason);
  });
});
