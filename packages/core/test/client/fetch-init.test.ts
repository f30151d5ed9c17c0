import { beforeEach, describe, expect, test } from 'vitest';
import { createApiFetch } from '../../src/client/create-api-fetch.ts';
import type { InstellixRequestInit } from '../../src/client/fetch-arguments.ts';
import { isApiUnreachable } from '../../src/error/api-unreachable.ts';
import { RequestRefusedError } from '../../src/error/request-refused-error.ts';
import { type AccessToken, createAccessToken } from '../../src/token/access-token.ts';

/** The requests as they reach the user's `fetch`. */
let sent: { url: unknown; init: RequestInit & Record<string, unknown> }[];
/** Creates the response to a request. */
let respond: (authorization: string | undefined) => Response;
let closedError: Error | undefined;
let latest: AccessToken;
let apiFetch: (input: string | URL | Request, init?: InstellixRequestInit | null) => Promise<Response>;

beforeEach(() => {
  sent = [];
  closedError = undefined;
  latest = createAccessToken('t1', 0, 300_000);
  respond = () => new Response('ok');
  const tokens = {
    peekToken: () => (closedError ? undefined : latest),
    async getToken({ rejected }: { rejected?: unknown } = {}) {
      if (closedError) throw closedError;
      if (rejected) latest = createAccessToken('t2', 0, 300_000);
      return latest;
    },
    ensureOpen() {
      if (closedError) throw closedError;
    },
  };
  apiFetch = createApiFetch({
    apiUrl: new URL('https://api.example/base/'),
    subject: 'realm "acme"',
    tokens,
    async fetch(url, init = {}) {
      sent.push({ url, init: init as (typeof sent)[number]['init'] });
      return respond(new Headers(init.headers).get('authorization') ?? undefined);
    },
  });
});

const refuseFirst = (authorization: string | undefined) =>
  new Response('', { status: authorization === 'Bearer t1' ? 401 : 200 });

describe('what reaches fetch', () => {
  test('is a string and a plain object of what was given', async () => {
    await apiFetch('items');
    const { url, init } = sent[0] ?? {};
    expect(url).toBe('https://api.example/base/items');
    expect(init).toEqual({
      method: 'GET',
      headers: { authorization: 'Bearer t1' },
      body: null,
      signal: null,
      redirect: 'manual',
    });
  });

  test('has the URL of a URL object', async () => {
    await apiFetch(new URL('https://api.example/base/items?page=2'));
    expect(sent[0]?.url).toBe('https://api.example/base/items?page=2');
  });

  test('has the method in capitals, as the platform has only some', async () => {
    await apiFetch('items', { method: 'patch' });
    expect(sent[0]?.init.method).toBe('PATCH');
  });

  test('has every option of a Request that the platform has', async () => {
    const options = {
      cache: 'no-store',
      credentials: 'omit',
      dispatcher: { dispatch() {} },
      duplex: 'half',
      integrity: 'sha256-x',
      keepalive: true,
      mode: 'cors',
      priority: 'low',
      referrer: 'https://api.example/',
      referrerPolicy: 'no-referrer',
    };
    const request = { url: 'items', method: 'GET', headers: new Headers(), ...options };
    await apiFetch(request as never);
    expect(sent[0]?.init).toMatchObject(options);
    await apiFetch('items', Object.create(options));
    expect(sent[1]?.init).toMatchObject(options);
  });

  test('has nothing that is undefined: fetch may look for the name alone', async () => {
    const absent = { method: undefined, headers: undefined, dispatcher: undefined, cache: undefined };
    await apiFetch('items', absent as never);
    await apiFetch({ ...absent, url: 'items', method: 'GET', headers: new Headers() } as never);
    for (const { init } of sent) expect(Object.keys(init)).not.toContain('dispatcher');
    for (const { init } of sent) expect(Object.values(init)).not.toContain(undefined);
  });

  test('keeps what a Request has when init has it as undefined', async () => {
    const request = new Request('https://api.example/base/items', {
      method: 'PUT',
      headers: { 'x-kept': '1' },
      body: 'b',
    });
    await apiFetch(request, { method: undefined, headers: undefined } as never);
    expect(sent[0]?.init.method).toBe('PUT');
    expect(sent[0]?.init.headers).toMatchObject({ 'x-kept': '1' });
  });

  test('has `duplex` for a stream only', async () => {
    await apiFetch('items', { method: 'POST', body: 'text' });
    await apiFetch('items', { method: 'POST', body: new Blob(['streamed']).stream() });
    expect(sent.map(({ init }) => init['duplex'])).toEqual([undefined, 'half']);
  });

  test('takes a null as init, as the platform does', async () => {
    expect((await apiFetch('items', null)).status).toBe(200);
  });
});

describe('a resend after a 401', () => {
  test.each<[string, RequestInit['body'] | undefined, number]>([
    ['a body of null', null, 200],
    ['no body', undefined, 200],
    ['a Blob', new Blob(['again']), 200],
    ['a stream of another realm, which may only have getReader', { getReader() {} } as never, 401],
    ['an async iterable', (async function* () {})() as never, 401],
  ])('with %s', async (_, body, status) => {
    respond = refuseFirst;
    expect((await apiFetch('items', { method: 'POST', body } as InstellixRequestInit)).status).toBe(status);
    expect(sent).toHaveLength(status === 200 ? 2 : 1);
  });

  test('with streams that instellix.body creates', async () => {
    respond = refuseFirst;
    const body = () => new Blob(['fresh']).stream();
    expect((await apiFetch('items', { method: 'POST', instellix: { body } })).status).toBe(200);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.init.body).not.toBe(sent[1]?.init.body);
  });
});

describe('the response', () => {
  test('may be a plain object without headers, as in tests', async () => {
    for (const status of [200, 299, 400, 404]) {
      respond = () => ({ status }) as Response;
      expect(await apiFetch('items')).toEqual({ status });
    }
  });

  test.each([300, 304, 399])('with status %i and a Location is returned, as on the platform', async (status) => {
    const plain = { status, headers: new Headers({ location: '/base/x' }), body: null };
    respond = () => plain as unknown as Response;
    expect(await apiFetch('items')).toBe(plain);
    expect(sent).toHaveLength(1);
  });

  test('is `redirected` after a redirect only', async () => {
    expect((await apiFetch('items')).redirected).toBe(false);
    const responses = [new Response('', { status: 302, headers: { location: 'moved' } }), new Response('moved')];
    respond = () => responses.shift() as Response;
    expect((await apiFetch('items')).redirected).toBe(true);
  });
});

describe('a redirect', () => {
  test('that needs a stream again is a TypeError with the reason, and sends nothing more', async () => {
    respond = () => new Response('', { status: 307, headers: { location: 'moved' } });
    const body = new Blob(['once']).stream();
    await expect(apiFetch('items', { method: 'POST', body })).rejects.toThrow(
      /^Cannot follow the redirect: it requires the body again; use instellix.body$/,
    );
    expect(sent).toHaveLength(1);
  });
});

describe('a closed client', () => {
  beforeEach(() => {
    closedError = new RequestRefusedError('client_closed', 'closed');
  });

  test('does not read the body of a Request', async () => {
    const request = new Request('https://api.example/base/items', { method: 'POST', body: 'kept' });
    await expect(apiFetch(request)).rejects.toBe(closedError);
    expect(request.bodyUsed).toBe(false);
  });

  test('sends no call with an Authorization of the caller either', async () => {
    await expect(apiFetch('items', { headers: { authorization: 'mine' } })).rejects.toBe(closedError);
    expect(sent).toEqual([]);
  });
});

describe('wrong arguments', () => {
  const wrongInput = /^client\.fetch: the first argument must be a string, a URL or a Request\.$/;
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
    ['an object whose href is no string', { href: 5 }],
    ['an object with a method and headers, but no URL', { method: 'GET', headers: new Headers() }],
    ['an object with URL and method, but no headers', { url: 'items', method: 'GET' }],
    ['a request of Node, with a plain object of headers', { url: 'items', method: 'GET', headers: {} }],
  ])('%s', async (_, input) => {
    const error = await apiFetch(input as never).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(wrongInput);
  });

  test('a Request whose body has been read', async () => {
    const request = new Request('https://api.example/base/items', { method: 'POST', body: 'read' });
    await request.text();
    await expect(apiFetch(request)).rejects.toThrow(/^client\.fetch: the body of the Request has been read already\.$/);
  });
});

describe('a Request above 64 KiB', () => {
  test('has its body cancelled when the stream that was sent is cancelled', async () => {
    let reason: unknown;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(40_000)),
      cancel(given) {
        reason = given;
      },
    });
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    await apiFetch(new Request('https://api.example/base/items', init));
    const streamed = sent[0]?.init.body as ReadableStream | undefined;
    await streamed?.cancel('enough');
    expect(reason).toBe('enough');
  });
});

describe('isApiUnreachable', () => {
  test('recognises failures where the platform has no Request', async () => {
    const failure = new TypeError('fetch failed');
    respond = () => {
      throw failure;
    };
    const { Request } = globalThis;
    Reflect.deleteProperty(globalThis, 'Request');
    try {
      await expect(apiFetch('items')).rejects.toBe(failure);
    } finally {
      globalThis.Request = Request;
    }
    expect(isApiUnreachable(failure)).toBe(true);
  });
});
