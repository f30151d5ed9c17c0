import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { TokenRequestSettings } from '../../src/endpoint/request-token.ts';
import { deferred } from './deferred.ts';
import { startRawServer } from './raw-server.ts';
import { answerOf, basic, errorOf, summarize, token, tokenRequest } from './token-request-fixture.ts';

const good = JSON.stringify({ access_token: token, token_type: 'bearer', expires_in: 269 });
const unavailable = 'transient token_endpoint_unavailable';
const timeout = 'transient token_request_timeout';

function grant(socket: Socket): void {
  socket.write(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${good.length}\r\n\r\n${good}`);
}

/** Makes one request to a server that grants a token, and gives back what the server saw. */
async function sent(settings: Partial<TokenRequestSettings>) {
  await using server = await startRawServer(grant);
  const answer = await tokenRequest({ tokenUrl: server.url, ...settings }).answer;
  expect(summarize(answer)).toBe('granted the token, 269000 ms');
  const [head = '', body = ''] = (server.requests[0] ?? '').split(/\r\n\r\n(.*)/s);
  const [requestLine, ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(': ')[0] ?? '', line.split(': ')[1] ?? '']),
  );
  const form = await new Response(body, { headers: { 'content-type': headers.get('content-type') ?? '' } }).formData();
  return { requestLine, headers, form: [...form] };
}

describe('the request', () => {
  test('is the one that the vendor documents', async () => {
    const { requestLine, headers, form } = await sent({});
    expect(requestLine).toBe('POST /acme/oauth2/token HTTP/1.1');
    expect(headers.get('authorization')).toBe(`Basic ${basic}`);
    expect(headers.get('accept')).toBe('application/json');
    expect(headers.get('content-type')).toMatch(/^multipart\/form-data; boundary=/);
    expect(form).toEqual([['grant_type', 'client_credentials']]);
  });

  test('is the one of RFC 6749 on request, so that other servers understand it', async () => {
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

  test('asks for the scope in a multipart form, too', async () => {
    const { form } = await sent({ scope: 'a:read' });
    expect(form).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read'],
    ]);
  });

  test('is kept out of caches and cookie jars, and follows no redirect', async () => {
    let init: RequestInit | undefined;
    await answerOf((_, given) => {
      init = given;
      return new Response(good);
    });
    expect(init).toMatchObject({ redirect: 'manual', cache: 'no-store', credentials: 'omit', method: 'POST' });
  });

  test('goes without cache and credentials where the platform knows neither and would refuse it', async () => {
    const { Request } = globalThis;
    let init: RequestInit | undefined;
    try {
      globalThis.Request = class {} as unknown as typeof globalThis.Request;
      await answerOf((_, given) => {
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

  test('calls fetch without a receiver, as browsers insist', async () => {
    let receiver: unknown = 'none';
    async function picky(this: unknown) {
      receiver = this;
      return new Response(good);
    }
    await tokenRequest({ fetch: picky as typeof fetch }).answer;
    expect(receiver).toBeUndefined();
  });
});

describe('the time limit', () => {
  test('ends a request that nobody answers, and says what to do', async () => {
    await using server = await startRawServer(() => {});
    const request = tokenRequest({ tokenUrl: server.url, timeoutMs: 1_234.5 });
    await server.answered;
    await request.clock.advance(1_234);
    expect(request.clock.sleeping).toBe(1);
    await request.clock.advance(1);
    const answer = await request.answer;
    expect(summarize(answer)).toBe(timeout);
    expect(errorOf(answer).message).toMatch(/did not answer completely within 123\d ms\. .*tokenRequest\.timeoutMs/);
    await server.allClosed();
  });

  test('holds for a fetch that ignores its signal, whose late body is let go', async () => {
    const late = deferred<Response>();
    const cancelled = deferred<void>();
    const request = tokenRequest({ fetch: () => late.promise });
    await request.clock.advance(10_000);
    expect(summarize(await request.answer)).toBe(timeout);
    late.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await cancelled.promise;
  });

  test('holds for a body whose stream ignores the signal, which is let go', async () => {
    const cancelled = deferred<void>();
    const reading = deferred<void>();
    const body = new ReadableStream(
      { pull: () => reading.resolve(), cancel: () => cancelled.resolve() },
      { highWaterMark: 0 },
    );
    const request = tokenRequest({ fetch: async () => new Response(body) });
    await reading.promise;
    await request.clock.advance(10_000);
    expect(summarize(await request.answer)).toBe(timeout);
    await cancelled.promise;
  });

  test('leaves no timer behind once the answer is there', async () => {
    const request = tokenRequest({ fetch: async () => new Response(good) });
    await request.answer;
    expect(request.clock.sleeping).toBe(0);
  });
});

describe('an abort', () => {
  const reason = { why: 'the caller left' };

  test('rejects with its own reason before anything is sent', async () => {
    let calls = 0;
    const counting = async () => {
      calls++;
      return new Response(good);
    };
    const { answer } = tokenRequest({ fetch: counting }, AbortSignal.abort(reason));
    await expect(answer).rejects.toBe(reason);
    expect(calls).toBe(0);
  });

  test.each<[string, (socket: Socket) => void]>([
    ['while nobody answers', () => {}],
    ['inside the body', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{')],
    ['inside the body of a refusal', (socket) => socket.write('HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\n{')],
  ])('%s: rejects with its own reason and closes the connection', async (_, answer) => {
    await using server = await startRawServer(answer);
    const request = tokenRequest({ tokenUrl: server.url });
    await server.answered;
    request.caller.abort(reason);
    await expect(request.answer).rejects.toBe(reason);
    expect(request.clock.sleeping).toBe(0);
    await server.allClosed();
  });

  test('is prompt, although fetch ignores it', async () => {
    const request = tokenRequest({ fetch: () => new Promise(() => {}) });
    request.caller.abort(reason);
    await expect(request.answer).rejects.toBe(reason);
  });

  test('counts although fetch makes something else of it', async () => {
    const request = tokenRequest({
      fetch: (_, init) =>
        new Promise((resolve) => {
          init?.signal?.addEventListener('abort', () => resolve(new Response('no', { status: 500 })));
        }),
    });
    request.caller.abort(reason);
    await expect(request.answer).rejects.toBe(reason);
  });
});

describe('no connection', () => {
  test('refused: provably never sent, so that the gate stays open', async () => {
    const server = await startRawServer(() => {});
    await server[Symbol.asyncDispose]();
    const answer = await tokenRequest({ tokenUrl: server.url }).answer;
    expect(summarize(answer)).toBe(`${unavailable} not sent`);
    expect(errorOf(answer).message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
    expect(errorOf(answer).cause).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
  });

  test('a name that nobody knows: provably never sent', async () => {
    const answer = await tokenRequest({ tokenUrl: 'http://instellix.invalid/acme/oauth2/token' }).answer;
    expect(summarize(answer)).toBe(`${unavailable} not sent`);
  });
});
