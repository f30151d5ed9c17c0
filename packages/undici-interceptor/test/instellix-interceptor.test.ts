import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInstellixClient } from '@instellix/core';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { type Api, type ApiOptions, startApi } from './start-api.ts';
import { type Undici, undicis } from './undicis.ts';

type Options = Dispatcher.RequestOptions & { readonly origin: string };

async function setUp(undici: Undici, options: ApiOptions = {}): Promise<{ api: Api; dispatcher: Dispatcher }> {
  const api = await startApi(options);
  const agent = new undici.Agent();
  onTestFinished(() => agent.destroy());
  return { api, dispatcher: agent.compose(instellixInterceptor(api.client)) };
}

async function send(dispatcher: Dispatcher, options: Partial<Options>): Promise<{ status: number; body: string }> {
  const response = await dispatcher.request({ method: 'GET', path: '/api/echo', ...options } as Options);
  return { status: response.statusCode, body: await response.body.text() };
}

describe.each(undicis)('$name', ({ undici }) => {
  test('sends paths that are not below the base, as given and as parsed, without the token', async () => {
    const { api, dispatcher } = await setUp(undici);
    const paths = [
      '/other',
      '/apiary/echo',
      '/api/../other',
      '/api/%2e%2e/other',
      '/api/.%2E/other',
      '/api/..%2fother',
      '/api/..%252fother',
      '/api/..;/other',
      '/api\\..\\other',
      '/api/x#/../../other',
      '/other/../api/echo',
      '/./api/echo',
      '//api/echo',
      '/%61pi/echo',
      'http://127.0.0.1:1/api/echo',
    ];
    for (const path of paths) await send(dispatcher, { origin: api.origin, path });
    expect(api.summary()).toEqual(paths.map((path) => `GET ${path} -`));
    expect(api.issued).toBe(0);
  });

  test('sends the token to each spelling of the API, and the path as it is given', async () => {
    const { api, dispatcher } = await setUp(undici);
    const paths = ['/api', '/api?q=..%2f', '/api/', '/api/a/../b', '/api/"<x>"', '/api/echo?to=http://elsewhere'];
    for (const path of paths) await send(dispatcher, { origin: api.origin, path });
    const origins = [`${api.origin}/`, api.origin.replace('http', 'HTTP'), new URL(api.origin) as unknown as string];
    for (const origin of origins) await send(dispatcher, { origin });
    const sent = [...paths, ...origins.map(() => '/api/echo')];
    expect(api.summary()).toEqual(sent.map((path) => `GET ${path} Bearer token-1`));
  });

  test('sends requests to other origins as they are, without the token', async () => {
    const { api, dispatcher } = await setUp(undici);
    const other = await startApi();
    const { host } = new URL(api.origin);
    const calls: Partial<Options>[] = [
      { path: '/api/echo' },
      { path: `//${host}/api/echo` },
      { path: `http://${host}/api/echo` },
      { path: `/\\${host}/api/echo` },
      { path: '/api/echo', headers: ['X-Upper', 'kept', 'Host', host.replace('127.0.0.1', 'localhost')] },
      { path: '/api/echo', method: 'POST', body: 'a body', headers: { authorization: 'Bearer mine' } },
    ];
    for (const call of calls) await send(dispatcher, { origin: other.origin, ...call });
    expect(other.arrivals.map(({ path, authorization }) => [path, authorization])).toEqual(
      calls.map(({ path, method }) => [path, method && 'Bearer mine']),
    );
    expect(api.arrivals).toEqual([]);
  });

  const own = 'Bearer mine';
  test.each<[string, () => unknown]>([
    ['an object', () => ({ AUTHORIZATION: own })],
    ['a flat array', () => ['x-other', 'x', 'Authorization', own]],
    ['a flat array of buffers', () => [Buffer.from('authorization'), own]],
    ['an array of pairs', () => [['aUtHoRiZaTiOn', own]]],
    ['a Map', () => new Map([['Authorization', own]])],
    ['Headers', () => new Headers({ Authorization: own })],
    ['the Headers of undici', () => new undici.Headers({ Authorization: own })],
    [
      'a generator',
      function* () {
        yield ['Authorization', own];
      },
    ],
  ])('keeps an Authorization in %s, and returns its 401', async (_, create) => {
    const { api, dispatcher } = await setUp(undici);
    const { status } = await send(dispatcher, { origin: api.origin, headers: create() as never });
    expect([status, api.issued, api.summary()]).toEqual([401, 0, [`GET /api/echo ${own}`]]);
  });

  test.each<[string, () => unknown]>([
    [
      'an object',
      () => ({ 'X-Sent': ['a', 'b'], Authorization: undefined, AUTHORIZATION: undefined, authorization: null }),
    ],
    ['a flat array', () => ['X-Sent', 'a', 'x-sent', 'b']],
    [
      'an array of pairs',
      () => [
        ['X-Sent', 'a'],
        ['x-sent', 'b'],
      ],
    ],
    [
      'Headers',
      () =>
        new Headers([
          ['X-Sent', 'a'],
          ['x-sent', 'b'],
        ]),
    ],
    [
      'a generator',
      function* () {
        yield ['X-Sent', ['a', 'b']];
      },
    ],
  ])('adds the token to the headers in %s, also when it resends', async (_, create) => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.getToken();
    api.revoke();
    const { status } = await send(dispatcher, { origin: api.origin, headers: create() as never });
    expect(status).toBe(200);
    expect(api.arrivals.map(({ headers, authorization }) => [headers['x-sent'], authorization])).toEqual([
      ['a, b', 'Bearer token-1'],
      ['a, b', 'Bearer token-2'],
    ]);
  });

  test.each<[string, unknown]>([
    ['an odd number of names and values', ['x-name']],
    ['pairs that are none', [['a', 'b'], ['c']]],
    ['a string', 'authorization: x'],
    ['a name that is not allowed', { 'a b': 'c' }],
  ])('rejects headers that are %s', async (_, headers) => {
    const { api, dispatcher } = await setUp(undici);
    await expect(send(dispatcher, { origin: api.origin, headers: headers as never })).rejects.toThrow(/header/i);
    expect(api.arrivals).toEqual([]);
  });

  test('accepts frozen options and options of a class with getters', async () => {
    const { api } = await setUp(undici);
    const inner = new undici.Client(api.origin);
    onTestFinished(() => inner.destroy());
    const dispatcher = inner.compose(instellixInterceptor(api.client));
    const { origin } = api;
    class Call {
      get origin() {
        return origin;
      }
      get path() {
        return '/api/echo';
      }
      get method() {
        return 'POST' as const;
      }
      get body() {
        return 'from a getter';
      }
      get headers() {
        return { 'x-sent': 'from a getter' };
      }
    }
    const frozen = Object.freeze({
      ...new Call(),
      origin,
      path: '/api/echo',
      method: 'GET',
      headers: Object.freeze({ a: 'b' }),
    });
    await (await dispatcher.request(frozen)).body.dump();
    await (await dispatcher.request(new Call())).body.dump();
    expect(api.summary()).toEqual(['GET /api/echo Bearer token-1', 'POST /api/echo Bearer token-1 from a getter']);
    expect(api.arrivals[1]?.headers['x-sent']).toBe('from a getter');
  });

  test('leaves invalid options to undici', async () => {
    const { api, dispatcher } = await setUp(undici);
    const { origin } = api;
    await expect(dispatcher.request({ origin } as Options)).rejects.toThrow(/path/);
    await expect(send(dispatcher, { origin, path: '/api/ x' })).rejects.toThrow(/path/);
    await expect(send(dispatcher, { origin, method: 'G T' as never })).rejects.toThrow(/method/);
    await expect(send(dispatcher, { origin: 'no origin' })).rejects.toThrow();
    expect(api.arrivals).toEqual([]);
  });

  test('serves a Client, and says what to do when a request has no origin', async () => {
    const api = await startApi();
    const inner = new undici.Client(api.origin);
    onTestFinished(() => inner.destroy());
    const dispatcher = inner.compose(instellixInterceptor(api.client));
    const call = send(dispatcher, {});
    // undici 8 adds the origin of the Client.
    if (undicis.find((each) => each.undici === undici)?.name === 'undici 8:') expect((await call).status).toBe(200);
    else await expect(call).rejects.toThrow(/has no origin\. Give it one, as request\(url\) does/);
    expect((await send(dispatcher, { origin: api.origin })).status).toBe(200);
  });

  test('does not add the token to CONNECT requests and upgrades', async () => {
    const server = createServer();
    const seen: unknown[] = [];
    server.on('connect', ({ headers }, socket) => {
      seen.push(headers.authorization);
      socket.end('HTTP/1.1 200 OK\r\n\r\n');
    });
    server.on('upgrade', ({ headers }, socket) => {
      seen.push(headers.authorization);
      socket.end('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    const api = await startApi({ createServer: () => server });
    const client = createInstellixClient({
      environment: { apiUrl: api.origin },
      realm: 'acme',
      clientId: 'an-id',
      clientSecret: 'planted-secret',
    });
    onTestFinished(() => client.close());
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(instellixInterceptor(client));
    const { socket } = await dispatcher.connect({ origin: api.origin, path: '/' });
    socket.destroy();
    const upgraded = await dispatcher.upgrade({ origin: api.origin, path: '/', protocol: 'websocket' } as never);
    upgraded.socket.destroy();
    expect(seen).toEqual([undefined, undefined]);
  });

  test('rejects with the error of a client that is closed', async () => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.close();
    await expect(send(dispatcher, { origin: api.origin })).rejects.toMatchObject({ code: 'client_closed' });
  });

  test('does not leave a refused connection without an error', async () => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.getToken();
    const server = connect(Number(new URL(api.origin).port), '127.0.0.1');
    await once(server, 'connect');
    server.destroy();
    api.routes['/api/reset'] = (request) => request.socket.destroy();
    await expect(send(dispatcher, { origin: api.origin, path: '/api/reset' })).rejects.toMatchObject({
      code: 'UND_ERR_SOCKET',
    });
  });
});

test('sends the token to an address with the Host of the API only when TLS or this machine makes it safe', async () => {
  const headersFor = async (apiUrl: string, options: object) => {
    const client = createInstellixClient({
      environment: { apiUrl, allowHttp: true },
      realm: 'acme',
      clientId: 'an-id',
      clientSecret: 'planted-secret',
    });
    onTestFinished(() => client.close());
    const token = { value: 'a-token', expiresAt: 0, obtainedAt: 0 };
    let sent: Dispatcher.DispatchOptions | undefined;
    const dispatch = instellixInterceptor({ ...client, peekToken: () => token })((given) => {
      sent = given;
      return true;
    });
    dispatch({ path: '/', method: 'GET', ...options } as Dispatcher.DispatchOptions, {});
    return sent?.headers;
  };
  const api = 'https://api.example';
  const local = 'http://localhost:8080';
  const authorization = 'Bearer a-token';
  const named = { host: 'api.example' };
  expect(await headersFor(api, { origin: 'https://192.0.2.1', headers: named })).toEqual({ ...named, authorization });
  expect(await headersFor(api, { origin: 'https://[2001:db8::1]', headers: ['HOST', 'api.example'] })).toEqual({
    ...named,
    authorization,
  });
  const localhost = { host: 'localhost:8080' };
  for (const origin of ['http://127.0.0.1:8080', 'http://[::1]:8080']) {
    expect(await headersFor(local, { origin, headers: localhost })).toEqual({ ...localhost, authorization });
  }
  for (const [apiUrl, origin, headers] of [
    [api, 'https://elsewhere.example', named],
    [api, 'https://192.0.2.1:8443', named],
    [api, 'http://192.0.2.1', named],
    [api, 'https://192.0.2.1', { host: 'elsewhere.example' }],
    [api, 'https://192.0.2.1', {}],
    [local, 'http://192.0.2.1:8080', localhost],
    [local, 'http://127.0.0.1.elsewhere.example:8080', localhost],
    [local, 'http://127.0.0.1:8081', localhost],
    [local, 'http://127.0.0.1:8080', { host: 'elsewhere.example' }],
  ] as const) {
    expect(await headersFor(apiUrl, { origin, headers })).toEqual(headers);
  }
});
