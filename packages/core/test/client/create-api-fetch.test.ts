import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiFetch } from '../../src/client/api-fetch.ts';
import type { InstellixRequestInit } from '../../src/client/fetch-call.ts';
import { RequestRefusedError } from '../../src/error/request-refused-error.ts';
import { describeRefusal } from '../../src/refusal/describe-refusal.ts';
import { type AccessToken, createAccessToken } from '../../src/token/access-token.ts';
import type { GetTokenOptions, TokenSource } from '../../src/token/token-source.ts';

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

type Answer = (request: Arrived, response: ServerResponse) => void;

/** Hands out `t1`, and after each rejection the next; refuses to go on where a test says so. */
class NumberedTokens implements TokenSource {
  number = 1;
  closed: Error | undefined;
  renewal: ((rejected: AccessToken) => Error | undefined) | undefined;

  peekToken(): AccessToken {
    return createAccessToken(`t${this.number}`, 0, 300_000);
  }

  async getToken({ rejected }: GetTokenOptions = {}): Promise<AccessToken> {
    const error = rejected && this.renewal?.(rejected);
    if (error) throw error;
    if (rejected?.value === `t${this.number}`) this.number++;
    return this.peekToken();
  }

  ensureOpen(): void {
    if (this.closed) throw this.closed;
  }
}

let server: Server;
let arrived: Arrived[];
let answer: Answer;
let tokens: NumberedTokens;
let origin: string;
let apiFetch: (input: string | URL | Request, init?: InstellixRequestInit) => Promise<Response>;

beforeEach(async () => {
  arrived = [];
  tokens = new NumberedTokens();
  answer = (_, response) => response.end('ok');
  server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('latin1');
    const { method = '', url: path = '', headers } = request;
    const entry = { method, path, headers, body };
    arrived.push(entry);
    answer(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const environment = { name: 'test', apiUrl: new URL(`${origin}/api/`), tokenUrl: new URL(`${origin}/token`) };
  apiFetch = createApiFetch({ environment, subject: 'realm "acme" in environment test', tokens, fetch });
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Refuses `t1` and accepts whatever comes after. */
const refuseFirst: Answer = ({ headers }, response) => {
  response.statusCode = headers.authorization === 'Bearer t1' ? 401 : 200;
  response.end('a body that nobody reads');
};

const bodies = () => arrived.map(({ body }) => body);
const authorizations = () => arrived.map(({ headers }) => headers.authorization);

describe('a body is sent again byte for byte', () => {
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
    answer = refuseFirst;
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
  test.each<[string, () => Promise<Response>]>([
    ['a stream', () => apiFetch('/a', stream())],
    ['a Request', () => apiFetch(new Request(`${origin}/api/a`, stream()))],
  ])('%s is not replayed: its caller gets the 401, and the next caller a new token', async (_, send) => {
    answer = refuseFirst;
    expect((await send()).status).toBe(401);
    expect(bodies()).toEqual(['once']);
    expect((await apiFetch('/b')).status).toBe(200);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('does not end the process when the renewal for the next caller fails', async () => {
    answer = refuseFirst;
    tokens.renewal = () => new RequestRefusedError('client_closed', 'closed');
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

  test('a redirect that needs it again ends the call instead of sending nothing', async () => {
    answer = (_, response) => response.writeHead(307, { location: '/api/b' }).end();
    await expect(apiFetch('/a', stream())).rejects.toThrow(TypeError);
    expect(arrived).toHaveLength(1);
  });

  const stream = () => ({ method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' }) as RequestInit;
});

describe('a Request', () => {
  test('keeps its method, headers and body', async () => {
    const request = new Request(`${origin}/api/a?b=1`, { method: 'PUT', headers: { 'x-trace': '7' }, body: 'data' });
    await apiFetch(request);
    expect(arrived[0]).toMatchObject({ method: 'PUT', path: '/api/a?b=1', body: 'data' });
    expect(arrived[0]?.headers).toMatchObject({ 'x-trace': '7', authorization: 'Bearer t1' });
  });

  test('without a body is replayed', async () => {
    answer = refuseFirst;
    expect((await apiFetch(new Request(`${origin}/api/a`, { method: 'DELETE' }))).status).toBe(200);
    expect(arrived.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
  });

  test('is aborted by its own signal', async () => {
    const abort = new AbortController();
    answer = () => abort.abort(new Error('enough'));
    await expect(apiFetch(new Request(`${origin}/api/a`, { signal: abort.signal }))).rejects.toThrow();
  });
});

describe('a renewal', () => {
  test('that the API refuses, too, leaves the caller its 401 with its body', async () => {
    answer = (_, response) => response.writeHead(401).end('why');
    tokens.renewal = () => new RequestRefusedError('token_rejected', 'storm');
    const response = await apiFetch('/a');
    expect(response.status).toBe(401);
    expect(await response.text()).toBe('why');
    expect(arrived).toHaveLength(1);
  });

  test('that fails for another reason fails the call with it', async () => {
    answer = (_, response) => response.writeHead(401).end();
    tokens.renewal = () => new RequestRefusedError('client_closed', 'closed');
    await expect(apiFetch('/a')).rejects.toMatchObject({ code: 'client_closed' });
  });

  test('is told which token was refused, so that a late 401 costs nothing', async () => {
    const rejected: string[] = [];
    tokens.renewal = ({ value }) => void rejected.push(value);
    answer = refuseFirst;
    await apiFetch('/a');
    expect(rejected).toEqual(['t1']);
  });
});

describe('redirects', () => {
  const redirectTo =
    (location: string, status = 302): Answer =>
    ({ path }, response) => {
      if (path.startsWith('/api/a')) response.writeHead(status, { location, 'set-cookie': 'a=1' }).end();
      else response.end(path);
    };

  test('below the base keep the token', async () => {
    answer = redirectTo('/api/b');
    const response = await apiFetch('/a');
    expect(await response.text()).toBe('/api/b');
    expect(response.redirected).toBe(true);
    expect(response.url).toBe(`${origin}/api/b`);
    expect(authorizations()).toEqual(['Bearer t1', 'Bearer t1']);
  });

  test('lead on from where the one before has led', async () => {
    const locations: Record<string, string> = { '/api/a': 'deep/b', '/api/deep/b': 'c' };
    answer = ({ path }, response) => {
      const location = locations[path];
      response.writeHead(location ? 307 : 200, location ? { location } : {}).end(path);
    };
    expect(await (await apiFetch('/a')).text()).toBe('/api/deep/c');
  });

  test('outside of the base lose it, on the same origin, too', async () => {
    answer = redirectTo('/login');
    await apiFetch('/a');
    expect(authorizations()).toEqual(['Bearer t1', undefined]);
  });

  test('to another origin lose cookies and an Authorization of the caller’s own, too', async () => {
    answer = redirectTo(`http://localhost:${(server.address() as AddressInfo).port}/b`);
    await apiFetch('/a', { headers: { authorization: 'Bearer mine', cookie: 'c=1', 'x-kept': '1' } });
    expect(arrived[1]?.headers).toMatchObject({ 'x-kept': '1' });
    expect(arrived[1]?.headers).not.toHaveProperty('authorization');
    expect(arrived[1]?.headers).not.toHaveProperty('cookie');
  });

  test('that come back from outside do not get the token back, so that no stranger chooses what it is used for', async () => {
    answer = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/out' }).end();
      else if (path === '/out') response.writeHead(302, { location: '/api/b' }).end();
      else response.end();
    };
    await apiFetch('/a');
    expect(authorizations()).toEqual(['Bearer t1', undefined, undefined]);
  });

  test('a 401 from outside of the base says nothing about the token', async () => {
    answer = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/out' }).end();
      else response.writeHead(401).end();
    };
    expect((await apiFetch('/a')).status).toBe(401);
    expect(tokens.number).toBe(1);
    expect(arrived).toHaveLength(2);
  });

  test('after POST become GET without the body and its headers', async () => {
    answer = redirectTo('/api/b', 303);
    await apiFetch('/a', { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } });
    expect(arrived[1]).toMatchObject({ method: 'GET', body: '' });
    expect(arrived[1]?.headers).not.toHaveProperty('content-type');
  });

  test('of kind 307 keep method and body', async () => {
    answer = redirectTo('/api/b', 307);
    await apiFetch('/a', { method: 'POST', body: 'x' });
    expect(arrived[1]).toMatchObject({ method: 'POST', body: 'x' });
  });

  test('give the connection back whose body nobody reads', async () => {
    let closed: Promise<unknown> | undefined;
    answer = ({ path }, response) => {
      if (path !== '/api/a') return void response.end();
      closed = once(response, 'close');
      response.writeHead(302, { location: '/api/b' }).write('endless');
    };
    await apiFetch('/a');
    await closed;
  });

  test('that have made a GET of a POST have the GET alone sent again after a 401', async () => {
    answer = ({ method, headers }, response) => {
      if (method === 'POST') response.writeHead(303, { location: '/api/done' }).end();
      else response.writeHead(headers.authorization === 'Bearer t1' ? 401 : 200).end();
    };
    const body = new Blob(['once']).stream();
    const response = await apiFetch('/a', { method: 'POST', body, duplex: 'half' } as InstellixRequestInit);
    expect(response.status).toBe(200);
    expect(arrived.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /api/a',
      'GET /api/done',
      'GET /api/done',
    ]);
  });

  test('that a healed call meets are followed, too', async () => {
    answer = ({ path, headers }, response) => {
      if (headers.authorization === 'Bearer t1') response.writeHead(401).end();
      else redirectTo('/api/b')({ path } as Arrived, response);
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
  ])('are none when a %i says Location: %j', async (status, location) => {
    answer = (_, response) => response.writeHead(status, { location }).end();
    expect((await apiFetch('/customers')).status).toBe(status);
    expect(arrived).toHaveLength(1);
  });

  test('end after twenty, as on the platform', async () => {
    answer = (_, response) => response.writeHead(302, { location: '/api/again' }).end();
    await expect(apiFetch('/a')).rejects.toThrow('too many redirects');
    expect(arrived).toHaveLength(21);
  });

  test('are left to a caller who asks for them', async () => {
    answer = redirectTo('/api/b');
    expect((await apiFetch('/a', { redirect: 'manual' })).status).toBe(302);
    await expect(apiFetch('/a', { redirect: 'error' })).rejects.toThrow(TypeError);
    await apiFetch(new Request(`${origin}/api/a`, { redirect: 'manual' }));
    expect(arrived).toHaveLength(3);
  });
});

describe('a 401 whose connection breaks while the token is renewed', () => {
  test('is healed all the same', async () => {
    answer = ({ headers }, response) => {
      if (headers.authorization !== 'Bearer t1') return response.end('ok');
      response.writeHead(401, { 'content-length': '100' }).write('half');
      return setTimeout(() => response.destroy(), 10);
    };
    const renew = tokens.getToken.bind(tokens);
    tokens.getToken = async (options) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return renew(options);
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

  test('of a Request counts behind a redirect, too', async () => {
    answer = ({ path }, response) => {
      if (path === '/api/a') response.writeHead(302, { location: '/api/b' }).end();
      else abort.abort(new Error('enough'));
    };
    await expect(apiFetch(abortable())).rejects.toThrow();
    expect(arrived).toHaveLength(2);
  });

  test('of a Request is taken away by null, as on the platform', async () => {
    abort.abort();
    expect((await apiFetch(new Request(`${origin}/api/a`), { signal: null })).status).toBe(200);
  });

  test('ends the wait for a renewal', async () => {
    const end = new AbortController();
    answer = (_, response) => response.writeHead(401).end();
    tokens.getToken = ({ signal } = {}) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        end.abort(new Error('enough'));
      });
    await expect(apiFetch('/customers', { signal: end.signal })).rejects.toThrow('enough');
  });

  test('that is aborted already ends the call before a body is made', async () => {
    abort.abort(new Error('enough'));
    let made = 0;
    const body = () => `${made++}`;
    await expect(apiFetch('/a', { method: 'POST', signal: abort.signal, instellix: { body } })).rejects.toThrow(
      'enough',
    );
    expect(made).toBe(0);
  });

  test('of a caller that has its 401 does not end the renewal for those who come next', async () => {
    answer = refuseFirst;
    const signals: unknown[] = [];
    const renew = tokens.getToken.bind(tokens);
    tokens.getToken = (options: { signal?: AbortSignal; rejected?: AccessToken } = {}) => {
      signals.push(options.signal);
      return renew(options);
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
  test('whose body is a method of its options has it called as that, with nothing of ours', async () => {
    const given: unknown[] = [];
    const instellix = {
      text: 'mine',
      body(...args: unknown[]) {
        given.push(...args);
        return this.text;
      },
    };
    await apiFetch('/customers', { method: 'POST', instellix });
    expect([arrived[0]?.body, given]).toEqual(['mine', []]);
  });

  test('who gives two bodies is told so before anything is sent', async () => {
    await expect(apiFetch('/a', { method: 'POST', body: 'a', instellix: { body: () => 'b' } })).rejects.toMatchObject({
      code: 'configuration_invalid',
    });
    expect(arrived).toHaveLength(0);
  });

  test('learns from the response alone what a 403 means', async () => {
    answer = (_, response) => response.writeHead(403).end();
    const response = await apiFetch('/a', { instellix: { requiredScope: 'orders:read' } });
    const refusal = describeRefusal(response);
    expect(refusal).toMatchObject({ code: 'insufficient_scope', requiredScope: 'orders:read' });
    expect(refusal?.message).toContain('realm "acme" in environment test');
  });

  test.each([200, 204, 304, 400, 404, 429, 500, 503])('gets a %i as it is', async (status) => {
    answer = (_, response) => response.writeHead(status).end();
    expect((await apiFetch('/a')).status).toBe(status);
    expect(arrived).toHaveLength(1);
  });

  test('with an Authorization of its own is refused by a closed client, too', async () => {
    tokens.closed = new RequestRefusedError('client_closed', 'closed');
    await expect(apiFetch('/a', { headers: { authorization: 'Bearer mine' } })).rejects.toBe(tokens.closed);
    expect(arrived).toEqual([]);
  });

  test('finds its headers object unchanged', async () => {
    const headers = new Headers({ accept: 'text/plain' });
    await apiFetch('/a', { headers });
    expect([...headers.keys()]).toEqual(['accept']);
  });
});
