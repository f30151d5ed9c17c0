import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Request as UndiciRequest } from 'undici';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApiFetch } from '../../src/client/create-api-fetch.ts';
import type { InstellixRequestInit } from '../../src/client/fetch-arguments.ts';
import { rejectOnAbort } from '../../src/clock/reject-on-abort.ts';
import { isApiUnreachable } from '../../src/error/api-unreachable.ts';
import { RequestRefusedError } from '../../src/error/request-refused-error.ts';
import { describeRefusal } from '../../src/refusal/describe-refusal.ts';
import { type AccessToken, createAccessToken } from '../../src/token/access-token.ts';
import type { GetTokenOptions, TokenSource } from '../../src/token/token-source.ts';
import { ForeignSignal } from '../clock/foreign-signal.ts';

interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Respond = (request: ReceivedRequest, response: ServerResponse) => void;

/** Returns `t1`, and after each rejection the next token, or throws what a test wants. */
class NumberedTokens implements TokenSource {
  number = 1;
  closed: Error | undefined;
  refreshError: ((rejected: AccessToken) => Error | undefined) | undefined;

  peekToken(): AccessToken {
    return createAccessToken(`t${this.number}`, 0, 300_000);
  }

  async getToken({ rejected }: GetTokenOptions = {}): Promise<AccessToken> {
    const error = rejected && this.refreshError?.(rejected);
    if (error) throw error;
    if (rejected?.value === `t${this.number}`) this.number++;
    return this.peekToken();
  }

  ensureOpen(): void {
    if (this.closed) throw this.closed;
  }
}

let server: Server;
let received: ReceivedRequest[];
let respond: Respond;
let tokens: NumberedTokens;
let origin: string;
let apiFetch: (input: string | URL | Request, init?: InstellixRequestInit) => Promise<Response>;

beforeEach(async () => {
  received = [];
  tokens = new NumberedTokens();
  respond = (_, response) => response.end('ok');
  server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('latin1');
    const { method = '', url: path = '', headers } = request;
    const entry = { method, path, headers, body };
    received.push(entry);
    respond(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const apiUrl = new URL(`${origin}/api/`);
  apiFetch = createApiFetch({ apiUrl, subject: 'realm "acme" in environment test', tokens, fetch });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Responds with 401 to `t1`, and with 200 to every other token. */
const rejectFirst: Respond = ({ headers }, response) => {
  response.statusCode = headers.authorization === 'Bearer t1' ? 401 : 200;
  response.end('a body that is not read');
};

const bodies = () => received.map(({ body }) => body);
const authorizations = () => received.map(({ headers }) => headers.authorization);

test('a Host of the caller is not sent, as on the platform: a fetch that sends it would reach another site', async () => {
  const given: RequestInit[] = [];
  const ownFetch: typeof fetch = (input, init) => {
    given.push(init as RequestInit);
    return fetch(input, init);
  };
  const context = { apiUrl: new URL(`${origin}/api/`), subject: 'realm "acme"', tokens, fetch: ownFetch };
  await createApiFetch(context)('/a', { headers: { HOST: 'elsewhere.example', 'x-trace': '7' } });
  expect(given[0]?.headers).toEqual({ 'x-trace': '7', authorization: 'Bearer t1' });
});

describe('a body is resent byte for byte', () => {
  test.each<[string, () => InstellixRequestInit, RegExp]>([
    ['a string', () => ({ body: 'text' }), /^text$/],
    ['URLSearchParams', () => ({ body: new URLSearchParams({ a: '1 2' }) }), /^a=1\+2$/],
    ['bytes', () => ({ body: new Uint8Array([33, 255, 128]) }), /^!\xff\x80$/],
    ['an ArrayBuffer', () => ({ body: new Uint8Array([65, 66]).buffer }), /^AB$/],
    ['a Blob', () => ({ body: new Blob(['blob']) }), /^blob$/],
    ['FormData', () => ({ body: form() }), /name="field"\r\n\r\nvalue\r\n/],
    ['a stream from instellix.body', () => ({ instellix: { body: () => new Blob(['fresh']).stream() } }), /^fresh$/],
    ['a promise from instellix.body', () => ({ instellix: { body: async () => 'later' } }), /^later$/],
  ])('%s', async (_, init, expected) => {
    respond = rejectFirst;
    const response = await apiFetch('/upload', { method: 'POST', ...init() });
    expect(response.status).toBe(200);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2']);
    expect(bodies()[0]).toMatch(expected);
    expect(bodies()[1]?.replaceAll(/-{4,}\S+/g, '')).toBe(bodies()[0]?.replaceAll(/-{4,}\S+/g, ''));
  });

  const form = () => {
    const data = new FormData();
    data.set('field', 'value');
    return data;
  };
});

describe('a body that can be sent only once', () => {
  test.each<[string, () => Promise<Response>]>([['a stream', () => apiFetch('/a', stream())]])(
    '%s is not resent: its caller gets the 401, and the next caller a new token',
    async (_, send) => {
      respond = rejectFirst;
      expect((await send()).status).toBe(401);
      expect(bodies()).toEqual(['once']);
      expect((await apiFetch('/b')).status).toBe(200);
      expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2']);
    },
  );

  test('causes no unhandled rejection when the refresh in the background fails', async () => {
    respond = rejectFirst;
    tokens.refreshError = () => new RequestRefusedError('client_closed', 'closed');
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', listen);
    try {
      expect((await apiFetch('/a', stream())).status).toBe(401);
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', listen);
    }
    expect(unhandled).toEqual([]);
  });

  test('a redirect that needs it again is a TypeError', async () => {
    respond = (_, response) => response.writeHead(307, { location: '/api/b' }).end();
    await expect(apiFetch('/a', stream())).rejects.toThrow(TypeError);
    expect(received).toHaveLength(1);
  });

  const stream = () => ({ method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' }) as RequestInit;
});

describe('a Request', () => {
  test('keeps its method, headers and body', async () => {
    const request = new Request(`${origin}/api/a?b=1`, { method: 'PUT', headers: { 'x-trace': '7' }, body: 'data' });
    await apiFetch(request);
    expect(received[0]).toMatchObject({ method: 'PUT', path: '/api/a?b=1', body: 'data' });
    expect(received[0]?.headers).toMatchObject({ 'x-trace': '7', authorization: 'Bearer t1' });
  });

  test('without a body is resent', async () => {
    respond = rejectFirst;
    expect((await apiFetch(new Request(`${origin}/api/a`, { method: 'DELETE' }))).status).toBe(200);
    expect(received.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
  });

  test('is aborted by its own signal', async () => {
    const abort = new AbortController();
    respond = () => abort.abort(new Error('aborted'));
    await expect(apiFetch(new Request(`${origin}/api/a`, { signal: abort.signal }))).rejects.toThrow();
  });
});

describe('a refresh', () => {
  test('that the client refuses returns the 401 with its body', async () => {
    respond = (_, response) => response.writeHead(401).end('why');
    tokens.refreshError = () => new RequestRefusedError('token_rejected', 'rejection loop');
    const response = await apiFetch('/a');
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('why');
    expect(received).toHaveLength(1);
  });

  test('that fails otherwise rejects the call with its error', async () => {
    respond = (_, response) => response.writeHead(401).end();
    tokens.refreshError = () => new RequestRefusedError('client_closed', 'closed');
    await expect(apiFetch('/a')).rejects.toMatchObject({ code: 'client_closed' });
  });

  test('names the rejected token', async () => {
    const rejected: string[] = [];
    tokens.refreshError = ({ value }) => void rejected.push(value);
    respond = rejectFirst;
    await apiFetch('/a');
    expect(rejected).toEqual(['t1']);
  });
});

describe('redirects', () => {
  const redirectTo =
    (location: string, status = 302): Respond =>
    ({ path }, response) => {
      if (path.startsWith('/api/a')) response.writeHead(status, { location, 'set-cookie': 'a=1' }).end();
      else response.end(path);
    };

  test('below the base keep the token', async () => {
    respond = redirectTo('/api/b');
    const response = await apiFetch('/a');
    expect(await response.text()).toBe('/api/b');
    expect(response.redirected).toBe(true);
    expect(response.url).toBe(`${origin}/api/b`);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t1']);
  });

  test('resolve against the URL of the previous redirect', async () => {
    const locations: Record<string, string> = { '/api/a': 'deep/b', '/api/deep/b': 'c' };
    respond = ({ path }, response) => {
      const location = locations[path];
      response.writeHead(location ? 307 : 200, location ? { location } : {}).end(path);
    };
    expect(await (await apiFetch('/a')).text()).toBe('/api/deep/c');
  });

  test('outside of the base lose the token, on the same origin, too', async () => {
    respond = redirectTo('/login');
    await apiFetch('/a');
    expect(authorizations()).toEqual(['Bearer t1', undefined]);
  });

  test('to another origin lose cookies and an Authorization of the caller, too', async () => {
    respond = redirectTo(`http://localhost:${(server.address() as AddressInfo).port}/b`);
    await apiFetch('/a', { headers: { authorization: 'Bearer mine', cookie: 'c=1', 'x-kept': '1' } });
    expect(received[1]?.headers).toMatchObject({ 'x-kept': '1' });
    expect(received[1]?.headers).not.toHaveProperty('authorization');
    expect(received[1]?.headers).not.toHaveProperty('cookie');
  });

  test('that return from outside do not get the token back', async () => {
    respond = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/out' }).end();
      else if (path === '/out') response.writeHead(302, { location: '/api/b' }).end();
      else response.end();
    };
    await apiFetch('/a');
    expect(authorizations()).toEqual(['Bearer t1', undefined, undefined]);
  });

  test('to a 401 outside of the base do not refresh the token', async () => {
    respond = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/out' }).end();
      else response.writeHead(401).end();
    };
    expect((await apiFetch('/a')).status).toBe(401);
    expect(tokens.number).toBe(1);
    expect(received).toHaveLength(2);
  });

  test('after POST become GET without the body and its headers', async () => {
    respond = redirectTo('/api/b', 303);
    await apiFetch('/a', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
    expect(received[1]).toMatchObject({ method: 'GET', body: '' });
    expect(received[1]?.headers).not.toHaveProperty('content-type');
  });

  test('of kind 307 keep method and body', async () => {
    respond = redirectTo('/api/b', 307);
    await apiFetch('/a', { method: 'POST', body: 'x' });
    expect(received[1]).toMatchObject({ method: 'POST', body: 'x' });
  });

  test('cancel the body of the redirect, which frees its connection', async () => {
    let closed: Promise<unknown> | undefined;
    respond = ({ path }, response) => {
      if (path !== '/api/a') return void response.end();
      closed = once(response, 'close');
      response.writeHead(302, { location: '/api/b' }).write('endless');
    };
    await apiFetch('/a');
    await closed;
  });

  test('that turn a POST into a GET resend only the GET after a 401', async () => {
    respond = ({ method, headers }, response) => {
      if (method === 'POST') response.writeHead(303, { location: '/api/done' }).end();
      else response.writeHead(headers.authorization === 'Bearer t1' ? 401 : 200).end();
    };
    const body = new Blob(['once']).stream();
    const response = await apiFetch('/a', { method: 'POST', body, duplex: 'half' } as InstellixRequestInit);
    expect(response.status).toBe(200);
    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/a',
      'GET /api/done',
      'GET /api/done',
    ]);
  });

  test('after a resend are followed, too', async () => {
    respond = ({ path, headers }, response) => {
      if (headers.authorization === 'Bearer t1') response.writeHead(401).end();
      else redirectTo('/api/b')({ path } as ReceivedRequest, response);
    };
    expect(await (await apiFetch('/a')).text()).toBe('/api/b');
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t2']);
  });

  test.each([
    [200, '/api/moved'],
    [300, '/api/moved'],
    [304, '/api/moved'],
    [305, '/api/moved'],
    [306, '/api/moved'],
    [404, '/api/moved'],
    [302, ''],
  ])('are not followed for a %i with Location: %j', async (status, location) => {
    respond = (_, response) => response.writeHead(status, { location }).end();
    expect((await apiFetch('/customers')).status).toBe(status);
    expect(received).toHaveLength(1);
  });

  test('end after twenty, as on the platform', async () => {
    respond = (_, response) => response.writeHead(302, { location: '/api/again' }).end();
    await expect(apiFetch('/a')).rejects.toThrow('more redirects than are allowed');
    expect(received).toHaveLength(21);
  });

  test('are returned or refused as the caller wants', async () => {
    respond = redirectTo('/api/b');
    expect((await apiFetch('/a', { redirect: 'manual' })).status).toBe(302);
    await expect(apiFetch('/a', { redirect: 'error' })).rejects.toThrow(TypeError);
    await apiFetch(new Request(`${origin}/api/a`, { redirect: 'manual' }));
    expect(received).toHaveLength(3);
  });
});

describe('a 401 whose connection breaks during the refresh', () => {
  test('is resent', async () => {
    respond = ({ headers }, response) => {
      if (headers.authorization !== 'Bearer t1') return response.end('ok');
      response.writeHead(401, { 'content-length': '100' }).write('half');
      return setTimeout(() => response.destroy(), 10);
    };
    const refresh = tokens.getToken.bind(tokens);
    tokens.getToken = async (options) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return refresh(options);
    };
    expect((await apiFetch('/a')).status).toBe(200);
  });
});

describe('the signal', () => {
  const abortable = () => new Request(`${origin}/api/a`, { signal: abort.signal });
  let abort: AbortController;
  beforeEach(() => {
    abort = new AbortController();
  });

  test('of a Request aborts after a redirect, too', async () => {
    respond = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/api/b' }).end();
      else abort.abort(new Error('aborted'));
    };
    await expect(apiFetch(abortable())).rejects.toThrow();
    expect(received).toHaveLength(2);
  });

  test('of a Request is replaced by null, as on the platform', async () => {
    abort.abort();
    expect((await apiFetch(new Request(`${origin}/api/a`), { signal: null })).status).toBe(200);
  });

  test('ends the wait for a refresh', async () => {
    const end = new AbortController();
    respond = (_, response) => response.writeHead(401).end();
    tokens.getToken = ({ signal } = {}) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        end.abort(new Error('aborted'));
      });
    await expect(apiFetch('/customers', { signal: end.signal })).rejects.toThrow('aborted');
  });

  test('of another JavaScript realm or a polyfill aborts, too', async () => {
    const foreign = new ForeignSignal();
    const reason = new Error('aborted');
    respond = () => foreign.abort(reason);
    await expect(apiFetch('/a', { signal: foreign.asSignal() })).rejects.toBe(reason);
    await expect(apiFetch('/a', { signal: foreign.asSignal() })).rejects.toBe(reason);
    expect(received).toHaveLength(1);
  });

  test('that is aborted already rejects before a body is created', async () => {
    abort.abort(new Error('aborted'));
    let created = 0;
    const body = () => `${created++}`;
    await expect(apiFetch('/a', { method: 'POST', signal: abort.signal, instellix: { body } })).rejects.toThrow(
      'aborted',
    );
    expect(created).toBe(0);
  });

  test('of a caller with a body that cannot be resent does not end the refresh', async () => {
    respond = rejectFirst;
    const signals: unknown[] = [];
    const refresh = tokens.getToken.bind(tokens);
    tokens.getToken = (options: { signal?: AbortSignal; rejected?: AccessToken } = {}) => {
      signals.push(options.signal);
      return refresh(options);
    };
    const stream = new Blob(['once']).stream();
    await apiFetch('/a', { method: 'POST', body: stream, signal: abort.signal });
    expect(signals).toEqual([undefined]);
  });
});

describe('an async iterable', () => {
  test('from instellix.body is streamed', async () => {
    const body = () => Readable.from(['a', 'b']) as unknown as RequestInit['body'];
    await apiFetch('/a', { method: 'POST', instellix: { body } });
    expect(bodies()).toEqual(['ab']);
  });
});

describe('a caller', () => {
  test('with a method as body has it called as that, without arguments', async () => {
    const given: unknown[] = [];
    class Upload {
      readonly #text = 'mine';
      body(...args: unknown[]) {
        given.push(...args);
        return this.#text;
      }
    }
    await apiFetch('/customers', { method: 'POST', instellix: new Upload() });
    expect([received[0]?.body, given]).toEqual(['mine', []]);
  });

  test('with two bodies gets a TypeError before anything is sent', async () => {
    await expect(apiFetch('/a', { method: 'POST', body: 'a', instellix: { body: () => 'b' } })).rejects.toThrow(
      new TypeError('client.fetch: give either body or instellix.body, not both.'),
    );
    expect(received).toHaveLength(0);
  });

  test('can describe a 403 from the response alone', async () => {
    respond = (_, response) => response.writeHead(403).end();
    const response = await apiFetch('/a', { instellix: { requiredScope: 'orders:read' } });
    const refusal = describeRefusal(response);
    expect(refusal).toMatchObject({ code: 'insufficient_scope', requiredScope: 'orders:read' });
    expect(refusal?.message).toContain('realm "acme" in environment test');
  });

  test('can describe a 401 from the response alone', async () => {
    respond = (_, response) => response.writeHead(401).end();
    const refusal = describeRefusal(await apiFetch('/a'));
    expect(refusal).toMatchObject({ code: 'token_rejected' });
    expect(refusal?.message).toContain('realm "acme" in environment test');
  });

  test.each([200, 204, 304, 400, 404, 429, 500, 503])('gets a %i unchanged', async (status) => {
    respond = (_, response) => response.writeHead(status).end();
    expect((await apiFetch('/a')).status).toBe(status);
    expect(received).toHaveLength(1);
  });

  test('with an Authorization of its own is rejected by a closed client, too', async () => {
    tokens.closed = new RequestRefusedError('client_closed', 'closed');
    await expect(apiFetch('/a', { headers: { authorization: 'Bearer mine' } })).rejects.toBe(tokens.closed);
    expect(received).toEqual([]);
  });

  test('has its headers object unchanged', async () => {
    const headers = new Headers({ accept: 'text/plain' });
    await apiFetch('/a', { headers });
    expect([...headers.keys()]).toEqual(['accept']);
  });
});

describe('a Request of up to 64 KiB', () => {
  const limit = 65_536;
  const post = (body: RequestInit['body'], init: RequestInit = {}) =>
    new Request(`${origin}/api/a`, { method: 'POST', body, duplex: 'half', ...init } as RequestInit);
  const streamOf = (...chunks: Uint8Array[]) =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });

  test.each<[string, () => RequestInit['body'], number]>([
    ['an empty string', () => '', 0],
    ['a string', () => 'text', 4],
    ['a stream', () => streamOf(new Uint8Array(3), new Uint8Array(0), new Uint8Array(2)), 5],
    ['exactly 64 KiB', () => new Uint8Array(limit).fill(65), limit],
    ['exactly 64 KiB in a stream', () => streamOf(new Uint8Array(limit - 1), new Uint8Array(1)), limit],
  ])('is resent after a 401: %s', async (_, body, length) => {
    respond = rejectFirst;
    expect((await apiFetch(post(body()))).status).toBe(200);
    expect(bodies().map((each) => each.length)).toEqual([length, length]);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test.each<[string, () => RequestInit['body']]>([
    ['a byte more', () => new Uint8Array(limit + 1).fill(65)],
    ['a stream of a byte more', () => streamOf(new Uint8Array(limit).fill(65), Uint8Array.of(65))],
    ['a stream of 1 MB', () => streamOf(...Array.from({ length: 100 }, () => new Uint8Array(10_000).fill(65)))],
  ])('and no more: %s is sent whole and not resent', async (_, body) => {
    respond = rejectFirst;
    const expected = await new Response(body()).text();
    expect((await apiFetch(post(body()))).status).toBe(401);
    expect(bodies()).toEqual([expected]);
    expect((await apiFetch('/b')).status).toBe(200);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('is resent after a redirect with 307', async () => {
    respond = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(307, { location: '/api/b' }).end();
      else response.end();
    };
    expect((await apiFetch(post(streamOf(Uint8Array.of(65))))).status).toBe(200);
    expect(bodies()).toEqual(['A', 'A']);
  });

  test('keeps its content type', async () => {
    await apiFetch(post(new URLSearchParams({ a: 'b' })));
    expect(received[0]?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  });

  test('is not read when init has a body of its own', async () => {
    for (const init of [{ body: 'mine' }, { instellix: { body: () => 'mine' } }]) {
      const request = post('theirs');
      await apiFetch(request, init);
      expect(await request.text()).toBe('theirs');
    }
    expect(bodies()).toEqual(['mine', 'mine']);
  });

  test('keeps its body when the body of init is null or undefined, as on the platform', async () => {
    await apiFetch(post('theirs'), { body: null });
    await apiFetch(post('theirs'), { body: undefined } as never);
    expect(bodies()).toEqual(['theirs', 'theirs']);
  });

  test('that has been read is a TypeError, instead of an empty body', async () => {
    const request = post('text');
    await request.text();
    await expect(apiFetch(request)).rejects.toThrow(TypeError);
    const sentOnce = post('text');
    await apiFetch(sentOnce);
    await expect(apiFetch(sentOnce)).rejects.toThrow(TypeError);
    expect(received).toHaveLength(1);
  });

  test('whose body breaks off rejects with its error', async () => {
    const reason = new Error('disk failed');
    const body = new ReadableStream({ pull: (controller) => controller.error(reason) });
    await expect(apiFetch(post(body))).rejects.toBe(reason);
    expect(received).toEqual([]);
  });

  test('whose signal has aborted rejects before its body is read', async () => {
    const reason = new Error('aborted');
    let pulls = 0;
    const body = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
    await expect(apiFetch(post(body, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    await expect(apiFetch(post('x'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(pulls).toBe(0);
  });

  test('whose signal aborts while its body is read rejects at once, and cancels the body', async () => {
    const reason = new Error('aborted');
    const abort = new AbortController();
    const cancelled: unknown[] = [];
    const body = new ReadableStream({ cancel: (given) => void cancelled.push(given) });
    const sent = apiFetch(post(body, { signal: abort.signal }));
    setImmediate(() => abort.abort(reason));
    await expect(sent).rejects.toBe(reason);
    await vi.waitFor(() => expect(cancelled).toHaveLength(1));
    expect(received).toEqual([]);
  });
});

describe('a Request of another class', () => {
  // Its types differ from the platform's.
  const OtherRequest = UndiciRequest as unknown as typeof Request;

  test.each<[string, (url: string, init: RequestInit) => Request]>([
    ['of the package undici', (url, init) => new OtherRequest(url, init)],
    [
      'with the fields of one',
      (url, { method = 'GET', headers, body = null, redirect = 'follow' }) =>
        ({
          url,
          method,
          headers: new Headers(headers),
          redirect,
          body: body === null ? null : new Response(body).body,
        }) as Request,
    ],
  ])('%s is sent with method, headers and body, and resent', async (_, create) => {
    respond = rejectFirst;
    const init = { method: 'PUT', headers: { 'x-trace': '7', 'content-type': 'text/plain' }, body: 'data' };
    expect((await apiFetch(create(`${origin}/api/a?b=1`, init))).status).toBe(200);
    expect(received).toHaveLength(2);
    for (const request of received) {
      expect(request).toMatchObject({ method: 'PUT', path: '/api/a?b=1', body: 'data' });
      expect(request.headers).toMatchObject({ 'x-trace': '7', 'content-type': 'text/plain' });
    }
    respond = (_, response) => response.writeHead(302, { location: '/api/b' }).end();
    expect((await apiFetch(create(`${origin}/api/a`, { redirect: 'manual' }))).status).toBe(302);
  });

  test('is aborted by its own signal', async () => {
    const reason = new Error('aborted');
    const request = new OtherRequest(`${origin}/api/a`, { signal: AbortSignal.abort(reason) });
    await expect(apiFetch(request)).rejects.toBe(reason);
    expect(received).toEqual([]);
  });
});

describe('wrong arguments', () => {
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
    ['an object with a URL only', { url: '/a' }],
    ['the request of a server, whose headers are a plain object', { url: '/a', method: 'GET', headers: {} }],
    ['a Response', new Response()],
    ['a function', () => '/a'],
  ])('%s as the first argument is a TypeError', async (_, input) => {
    await expect(apiFetch(input as string)).rejects.toThrow(
      new TypeError('client.fetch: the first argument must be a string, a URL or a Request.'),
    );
    expect(received).toEqual([]);
  });

  test.each(['POST', 5])('%j as init is a TypeError', async (init) => {
    for (const input of ['/a', new URL(`${origin}/api/a`), new Request(`${origin}/api/a`)]) {
      await expect(apiFetch(input, init as never)).rejects.toThrow(
        new TypeError('client.fetch: init must be an object.'),
      );
    }
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown key', { scope: 'a' }, /^client\.fetch: init\.instellix must be an object with .*, not "scope"\.$/],
    [
      'a wrong scope',
      { requiredScope: 5 },
      /^client\.fetch: init\.instellix\.requiredScope must be a non-empty string/,
    ],
    ['a body that is not a function', { body: 'x' }, /^client\.fetch: init\.instellix\.body must be a function/],
    ['null', null, /^client\.fetch: init\.instellix must be an object/],
    ['a string', 'x', /^client\.fetch: init\.instellix must be an object/],
    ['a Map', new Map(), /^client\.fetch: init\.instellix must be an object/],
  ])('%s in init.instellix is a TypeError', async (_, instellix, message) => {
    const rejection = expect(apiFetch('/a', { instellix } as never)).rejects;
    await rejection.toThrow(TypeError);
    await expect(apiFetch('/a', { instellix } as never)).rejects.toThrow(message);
    expect(received).toEqual([]);
  });

  test('what the platform refuses is its TypeError', async () => {
    await expect(apiFetch('/a', { headers: { 'a b': 'x' } })).rejects.toThrow(TypeError);
    await expect(apiFetch('/a', { method: 'GET', body: 'x' })).rejects.toThrow(TypeError);
    expect(received).toEqual([]);
  });
});

describe('an init of any class', () => {
  class Base {
    get method() {
      return 'PUT';
    }
    get headers() {
      return { 'x-trace': '7' };
    }
  }
  class Init extends Base {
    get body() {
      return 'text';
    }
    get instellix() {
      return { requiredScope: 'orders:read' };
    }
    get redirect(): RequestRedirect {
      return 'manual';
    }
  }

  test.each<[string, () => InstellixRequestInit]>([
    ['a class with getters', () => new Init()],
    ['a prototype', () => Object.create({ ...toLiteral(new Init()) })],
    ['a frozen literal', () => Object.freeze(toLiteral(new Init()))],
    ['an object without prototype', () => Object.assign(Object.create(null), toLiteral(new Init()))],
  ])('is read from %s', async (_, create) => {
    respond = (_request, response) => response.writeHead(403).end();
    for (const input of ['/a', new Request(`${origin}/api/a`)]) {
      expect(describeRefusal(await apiFetch(input, create()))?.requiredScope).toBe('orders:read');
    }
    for (const request of received) {
      expect(request).toMatchObject({ method: 'PUT', body: 'text' });
      expect(request.headers['x-trace']).toBe('7');
    }
    respond = (_request, response) => response.writeHead(302, { location: '/api/b' }).end();
    expect((await apiFetch('/a', create())).status).toBe(302);
    expect(received).toHaveLength(3);
  });

  test('keeps its other options for fetch', async () => {
    const inits: unknown[] = [];
    const call = createApiFetch({
      apiUrl: new URL(`${origin}/api/`),
      subject: 'x',
      tokens,
      fetch: async (_, init) => {
        inits.push(init);
        return new Response();
      },
    });
    const dispatcher = {};
    class WithDispatcher {
      readonly keepalive = true;
      get dispatcher() {
        return dispatcher;
      }
    }
    await call('/a', new WithDispatcher() as RequestInit);
    await call('/a', { dispatcher, keepalive: true, next: { revalidate: 5 } } as RequestInit);
    expect(inits[0]).toMatchObject({ keepalive: true, redirect: 'manual' });
    expect(inits[1]).toMatchObject({ keepalive: true, next: { revalidate: 5 } });
    for (const init of inits) expect(init).toHaveProperty('dispatcher', dispatcher);
  });

  test('takes no method and no headers from a polluted Object.prototype', async () => {
    const prototype = Object.prototype as { method?: string; headers?: object };
    const request = new Request(`${origin}/api/a`);
    Object.assign(prototype, { method: 'DELETE', headers: { authorization: 'Bearer evil' } });
    try {
      for (const init of [undefined, {}, new (class {})()]) await apiFetch('/a', init);
      await apiFetch(request, {});
    } finally {
      for (const name of ['method', 'headers'] as const) delete prototype[name];
    }
    const expected = { method: 'GET', authorization: 'Bearer t1' };
    expect(received.map(({ method, headers: { authorization } }) => ({ method, authorization }))).toEqual(
      Array.from({ length: 4 }, () => expected),
    );
  });

  test('takes no body from a polluted Object.prototype', async () => {
    const prototype = Object.prototype as { body?: string };
    prototype.body = 'evil';
    try {
      for (const more of [{}, { instellix: { requiredScope: 'a' } }]) await apiFetch('/a', { method: 'POST', ...more });
    } finally {
      delete prototype.body;
    }
    expect(bodies()).toEqual(['', '']);
  });

  test('takes no instellix from a polluted Object.prototype', async () => {
    const prototype = Object.prototype as { instellix?: unknown };
    prototype.instellix = { requiredScope: 'evil', body: () => 'evil' };
    try {
      respond = (_, response) => response.writeHead(403).end();
      for (const init of [{ method: 'POST' }, {}, new (class {})()]) {
        expect(describeRefusal(await apiFetch('/a', init))).not.toHaveProperty('requiredScope');
      }
      await apiFetch(new Request(`${origin}/api/a`, { method: 'POST', body: 'mine' }), {});
    } finally {
      delete prototype.instellix;
    }
    expect(bodies()).toEqual(['', '', '', 'mine']);
  });

  function toLiteral({ method, headers, body, instellix, redirect }: Init): InstellixRequestInit {
    return { method, headers, body, instellix, redirect };
  }
});

describe('the disposal of a response', () => {
  /** Creates a fetch whose responses have bodies of which cancelling never settles. */
  const withHangingBodies = (cancelled: number[]): typeof fetch => {
    return async (input, init) => {
      const { status, headers } = await fetch(input, { ...init, redirect: 'manual' });
      const body = new ReadableStream({
        cancel: () => {
          cancelled.push(status);
          return new Promise(() => {});
        },
      });
      return new Response(body, { status, headers });
    };
  };
  const fetchWith = (given: typeof fetch) =>
    createApiFetch({ apiUrl: new URL(`${origin}/api/`), subject: 'x', tokens, fetch: given });

  test.each<[string, Respond, number[]]>([
    ['a 401', (request, response) => rejectFirst(request, response), [401]],
    [
      'a redirect',
      ({ path }, response) =>
        path === '/api/a' ? response.writeHead(302, { location: '/api/b' }).end() : response.end(),
      [302],
    ],
    ['a 403, which is returned', (_, response) => response.writeHead(403).end(), []],
  ])('is never awaited: %s', async (_, given, discarded) => {
    respond = given;
    const cancelled: number[] = [];
    const response = await fetchWith(withHangingBodies(cancelled))('/a');
    expect(response.status).toBe(discarded.length > 0 ? 200 : 403);
    expect(cancelled).toEqual(discarded);
  });

  test('is never awaited when the refresh fails', async () => {
    respond = rejectFirst;
    tokens.refreshError = () => new RequestRefusedError('client_closed', 'closed');
    const cancelled: number[] = [];
    await expect(fetchWith(withHangingBodies(cancelled))('/a')).rejects.toMatchObject({ code: 'client_closed' });
    expect(cancelled).toEqual([401]);
  });

  test('is not needed by a fetch that keeps a clone of each response', async () => {
    const kept: Response[] = [];
    const call = fetchWith(async (input, init) => {
      const response = await fetch(input, init);
      kept.push(response.clone());
      return response;
    });
    respond = ({ path, headers }, response) => {
      if (path === '/api/a') response.writeHead(307, { location: '/api/b' }).end('x'.repeat(100_000));
      else response.writeHead(headers.authorization === 'Bearer t1' ? 401 : 200).end('x'.repeat(100_000));
    };
    expect((await call('/a')).status).toBe(200);
    expect(kept.map(({ status }) => status)).toEqual([307, 401, 200]);
  });
});

describe('a token that the API repeats as scope', () => {
  test.each(['t1', 't2'])('is not shown when it is that of the response: %s', async (value) => {
    respond = ({ headers }, response) => {
      const token = headers.authorization?.slice('Bearer '.length);
      if (token !== value) response.writeHead(401).end();
      else response.writeHead(403, { 'www-authenticate': `Bearer scope="${token}"` }).end();
    };
    const refusal = describeRefusal(await apiFetch('/a'));
    expect(refusal?.code).toBe('insufficient_scope');
    expect(refusal).not.toHaveProperty('requiredScope');
  });
});

describe('isApiUnreachable', () => {
  const reject = (input: string | Request, init?: InstellixRequestInit) =>
    apiFetch(input, init).then(
      () => expect.unreachable(),
      (error: unknown) => error,
    );

  test('recognises the error of a connection that was refused, also as a cause', async () => {
    server.close();
    server.closeAllConnections();
    const error = await reject('/a');
    expect(error).toBeInstanceOf(TypeError);
    expect(isApiUnreachable(error)).toBe(true);
    expect(isApiUnreachable(new Error('wrapped', { cause: error }))).toBe(true);
  });

  test('recognises it when the body was a stream, too', async () => {
    server.close();
    server.closeAllConnections();
    const body = new Blob(['x']).stream();
    expect(isApiUnreachable(await reject('/a', { method: 'POST', body }))).toBe(true);
  });

  test('recognises the error of a connection that closed before the response', async () => {
    respond = (_, response) => response.destroy();
    expect(isApiUnreachable(await reject('/a'))).toBe(true);
  });

  test('recognises redirects that cannot be followed', async () => {
    respond = (_, response) => response.writeHead(302, { location: '/api/again' }).end();
    expect(isApiUnreachable(await reject('/a'))).toBe(true);
  });

  test('recognises the end of the time limit of a call, while it waits for the response or for a token', async () => {
    respond = () => {};
    const waiting = await reject('/a', { signal: AbortSignal.timeout(50) });
    expect([isApiUnreachable(waiting), (waiting as Error).name]).toEqual([true, 'TimeoutError']);
    vi.spyOn(tokens, 'peekToken').mockReturnValue(undefined as never);
    vi.spyOn(tokens, 'getToken').mockImplementation((options) =>
      rejectOnAbort(new Promise(() => {}), options?.signal ?? undefined),
    );
    const withoutToken = await reject('/a', { signal: AbortSignal.timeout(50) });
    expect([isApiUnreachable(withoutToken), (withoutToken as Error).name]).toEqual([true, 'TimeoutError']);
  });

  test('does not recognise an abort', async () => {
    const abort = new AbortController();
    respond = () => abort.abort();
    expect(isApiUnreachable(await reject('/a', { signal: abort.signal }))).toBe(false);
    expect(isApiUnreachable(await reject('/a', { signal: AbortSignal.abort(new TypeError('mine')) }))).toBe(false);
  });

  test.each<[string, InstellixRequestInit]>([
    ['a body of a GET', { method: 'GET', body: 'x' }],
    ['a body that is no string', { method: 'POST', body: Symbol('x') as never }],
    ['a method that fetch forbids', { method: 'TRACE' }],
    ['a method that is no token', { method: 'A B' }],
    ['a mode that does not exist', { mode: 'x' as never }],
    ['a header name that is no token', { headers: { 'a b': 'x' } }],
    ['an unknown option', { instellix: { x: 1 } as never }],
  ])('does not recognise the TypeError of a wrong argument: %s', async (_, init) => {
    const error = await reject('/a', init);
    expect(error).toBeInstanceOf(TypeError);
    expect(isApiUnreachable(error)).toBe(false);
  });

  test('does not recognise errors of the client', async () => {
    expect(isApiUnreachable(await reject('https://evil.example/'))).toBe(false);
    respond = (_, response) => response.writeHead(401).end();
    tokens.refreshError = () => new RequestRefusedError('client_closed', 'closed');
    expect(isApiUnreachable(await reject('/a'))).toBe(false);
  });
});
