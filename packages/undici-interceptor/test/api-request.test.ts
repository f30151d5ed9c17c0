import { createInstellixClient } from '@instellix/core';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { type Options, send, setUp } from './set-up.ts';
import { UndiciFakeApi } from './undici-fake-api.ts';
import { undicis } from './undicis.ts';

describe.each(undicis)('$name', ({ undici }) => {
  test('sends paths that are not below the base, or that have a parent segment, without the token', async () => {
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
      '/api/a/../b',
      '/api/..#x',
      '/api/%2e%2e#/x',
      '/./api/echo',
      '//api/echo',
      '/%61pi/echo',
      'http://127.0.0.1:1/api/echo',
    ];
    for (const path of paths) await send(dispatcher, { origin: api.origin, path });
    expect(api.summary()).toEqual(paths.map((path) => `GET ${path} -`));
    expect(api.tokenRequests).toBe(0);
  });

  test('sends the token to each spelling of the API, and the path as it is given', async () => {
    const { api, dispatcher } = await setUp(undici);
    const paths = ['/api', '/api?q=..%2f', '/api/', '/api/a..b', '/api/"<x>"', '/api/echo?to=http://elsewhere'];
    for (const path of paths) await send(dispatcher, { origin: api.origin, path });
    const origins = [`${api.origin}/`, api.origin.replace('http', 'HTTP'), new URL(api.origin) as unknown as string];
    for (const origin of origins) await send(dispatcher, { origin });
    const sent = [...paths, ...origins.map(() => '/api/echo')];
    expect(api.summary()).toEqual(sent.map((path) => `GET ${path} Bearer planted-token-1`));
  });

  test('sends the token only with a Host that names the API', async () => {
    const { api, dispatcher } = await setUp(undici);
    const { host } = new URL(api.origin);
    for (const headers of [{ host }, { Host: 'elsewhere.example' }, ['host', `${host}, elsewhere.example`]]) {
      await send(dispatcher, { origin: api.origin, headers });
    }
    expect(api.requests.map(({ host, headers }) => [host, headers.authorization])).toEqual([
      [host, 'Bearer planted-token-1'],
      ['elsewhere.example', undefined],
      [`${host}, elsewhere.example`, undefined],
    ]);
  });

  test('sends requests to other origins as they are, without the token', async () => {
    const { api, dispatcher } = await setUp(undici);
    const other = await UndiciFakeApi.start();
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
    expect(other.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual(
      calls.map(({ path, method }) => [path, method && 'Bearer mine']),
    );
    expect(api.requests).toEqual([]);
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
