import type { lookup } from 'node:dns';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { findInstellixError } from '@instellix/core';
import { generate } from 'selfsigned';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { UndiciFakeApi, type UndiciFakeApiOptions } from './undici-fake-api.ts';
import { type Undici, undicis } from './undicis.ts';

type Interceptor = Dispatcher.DispatcherComposeInterceptor;
type Position = 'first' | 'last';

/** The first interceptor of `compose` is the innermost one. */
async function setUp(undici: Undici, position: Position, others: Interceptor[], options: UndiciFakeApiOptions = {}) {
  const api = await UndiciFakeApi.start(options);
  const agent = new undici.Agent();
  onTestFinished(() => agent.destroy());
  const own = instellixInterceptor(api.client);
  const dispatcher = agent.compose(position === 'first' ? [own, ...others] : [...others, own]);
  const send = async (path: string, init: object = {}) => {
    const response = await undici.request(api.origin + path, { ...init, dispatcher });
    return [response.statusCode, await response.body.text()];
  };
  return { api, dispatcher, send };
}

const redirectTo = (api: UndiciFakeApi, path: string, location: string) => {
  api.routes[path] = (_, response) => response.writeHead(307, { location }).end();
};

const localLookup = (...[, , callback]: Parameters<typeof lookup.__promisify__> | unknown[]) =>
  (callback as (error: null, addresses: unknown[]) => void)(null, [{ address: '127.0.0.1', family: 4, ttl: 10_000 }]);

describe.each(undicis)('$name', ({ undici }) => {
  const { redirect, retry, dns, cache } = undici.interceptors;
  const redirects = () => redirect({ maxRedirections: 5 });

  describe.each<Position>(['first', 'last'])('composed %s, beside', (position) => {
    test('redirect: keeps the token inside of the API', async () => {
      const { api, send } = await setUp(undici, position, [redirects()], { base: '/' });
      redirectTo(api, '/moved', `${api.origin}/echo`);
      expect(await send('/moved', { method: 'POST', body: 'name=Ada' })).toEqual([200, 'POST name=Ada']);
      expect(api.summary()).toEqual([
        'POST /moved Bearer planted-token-1 name=Ada',
        'POST /echo Bearer planted-token-1 name=Ada',
      ]);
    });

    test('redirect: sends no token to another origin, nor after a return from there', async () => {
      const { api, send } = await setUp(undici, position, [redirects()], { base: '/' });
      const other = await UndiciFakeApi.start();
      redirectTo(api, '/moved', `${other.origin}/away`);
      redirectTo(other, '/away', `${api.origin}/echo`);
      expect(await send('/moved')).toEqual([401, 'unknown token']);
      expect([...api.summary(), ...other.summary()]).toEqual([
        'GET /moved Bearer planted-token-1',
        'GET /echo -',
        'GET /away -',
      ]);
      expect(api.tokenRequests).toBe(1);
    });

    test('redirect: sends no token outside of the base path', async () => {
      const { api, send } = await setUp(undici, position, [redirects()]);
      redirectTo(api, '/api/moved', '/other');
      const outcome = await send('/api/moved').catch((error: unknown) => findInstellixError(error));
      if (position === 'first') expect(outcome).toEqual([200, 'GET ']);
      else expect(outcome).toMatchObject({ code: 'origin_not_allowed' });
      const after = position === 'first' ? ['GET /other -'] : [];
      expect(api.summary()).toEqual(['GET /api/moved Bearer planted-token-1', ...after]);
    });

    test('retry: sends each retry with the token, also after a resend', async () => {
      const { api, send } = await setUp(undici, position, [retry({ minTimeout: 1 })]);
      let failures = 2;
      api.routes['/api/unsteady'] = ({ headers }, response) => {
        const status = headers.authorization === 'Bearer planted-token-1' ? 401 : failures-- > 0 ? 503 : 200;
        response.writeHead(status).end('a body');
      };
      expect(await send('/api/unsteady')).toEqual([200, 'a body']);
      const tokens = api.requests.map(({ token }) => token?.at(-1)).join('');
      expect(tokens).toMatch(/^12+$/);
    });

    test('retry: does not repeat what is final', async () => {
      const { api, send } = await setUp(undici, position, [retry({ minTimeout: 1 })]);
      await api.client.close();
      await expect(send('/api/echo')).rejects.toMatchObject({ code: 'client_closed' });
    });

    test('retry: does not repeat a call that is aborted while it waits for a token', async () => {
      const { api, send } = await setUp(undici, position, [retry({ minTimeout: 1 })]);
      api.hold('respondToToken');
      const abort = new AbortController();
      const call = send('/api/echo', { signal: abort.signal });
      call.catch(() => {});
      await expect.poll(() => api.tokenRequests).toBe(1);
      abort.abort(new Error('left'));
      await expect(call).rejects.toThrow('left');
      expect(api.tokenRequests).toBe(1);
    });

    test('dns: sends the token to the address of the API', async () => {
      const { api, send } = await setUp(undici, position, [dns({ lookup: localLookup as never, dualStack: false })], {
        hostname: 'localhost',
      });
      expect(await send('/api/echo')).toEqual([200, 'GET ']);
      api.revokeAll();
      expect(await send('/api/echo', { method: 'POST', body: 'name=Ada' })).toEqual([200, 'POST name=Ada']);
      expect(api.requests.map(({ host, headers }) => [host, headers.authorization])).toEqual([
        [new URL(api.origin).host, 'Bearer planted-token-1'],
        [new URL(api.origin).host, 'Bearer planted-token-1'],
        [new URL(api.origin).host, 'Bearer planted-token-2'],
      ]);
    });

    test('cache: serves from the cache, and resends what is not in it', async () => {
      const { api, send } = await setUp(undici, position, [cache()]);
      api.routes['/api/list'] = ({ headers }, response) => {
        if (headers.authorization !== 'Bearer planted-token-1') return response.writeHead(401).end();
        return response.writeHead(200, { 'cache-control': 'public, max-age=60' }).end('a list');
      };
      expect(await send('/api/list')).toEqual([200, 'a list']);
      api.revokeAll();
      expect(await send('/api/list')).toEqual([200, 'a list']);
      expect(await send('/api/list?page=2')).toEqual([200, 'GET ']);
      expect(api.requests.filter(({ path }) => path === '/api/list')).toHaveLength(1);
    });

    test('all of them: resends', async () => {
      const all = [redirects(), retry(), dns({ lookup: localLookup as never, dualStack: false }), cache()];
      const { api, send } = await setUp(undici, position, all, { hostname: 'localhost' });
      await api.client.getToken();
      api.revokeAll();
      expect(await send('/api/echo', { method: 'POST', body: 'name=Ada' })).toEqual([200, 'POST name=Ada']);
      expect(await send('/api/echo')).toEqual([200, 'GET ']);
    });
  });

  describe('over TLS', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
    });
    const create = (createServer: unknown): UndiciFakeApiOptions => ({
      protocol: 'https',
      hostname: 'localhost',
      createServer: (onRequest) =>
        (createServer as typeof createTlsServer)({ key, cert, allowHTTP1: true } as object, onRequest),
      fetch: ((url: string, init: object) => undici.fetch(url, { ...init, dispatcher: trusting } as never)) as never,
    });
    const connect = { ca: cert };
    const trusting = new undici.Agent({ connect });

    test('works with HTTP/2', async () => {
      const api = await UndiciFakeApi.start(create(createSecureServer));
      const agent = new undici.Agent({ connect, allowH2: true });
      onTestFinished(() => agent.destroy());
      const dispatcher = agent.compose(instellixInterceptor(api.client));
      const versions = new Set<string>();
      api.routes['/api/version'] = ({ headers }, response) => {
        versions.add(response.req.httpVersion);
        response.writeHead(headers.authorization === 'Bearer planted-token-2' ? 200 : 401);
        response.end('a body');
      };
      await api.client.getToken();
      api.revokeAll();
      const call = async () => {
        const init = { method: 'POST', body: 'name=Ada', dispatcher } as const;
        const response = await undici.request(`${api.origin}/api/version`, init);
        return [response.statusCode, await response.body.text()];
      };
      const outcomes = await Promise.all(Array.from({ length: 20 }, call));
      expect(outcomes).toEqual(Array.from({ length: 20 }, () => [200, 'a body']));
      expect([...versions]).toEqual(['2.0']);
      expect(api.tokenRequests).toBe(2);
      expect(api.requests.every(({ body }) => body === 'name=Ada')).toBe(true);
      const response = await undici.fetch(`${api.origin}/api/echo`, { dispatcher } as never);
      expect([response.status, await response.text()]).toEqual([200, 'GET ']);
    });

    test('sends the token to an address only when the certificate names the API', async () => {
      const api = await UndiciFakeApi.start(create(createTlsServer));
      const agent = new undici.Agent({ connect });
      onTestFinished(() => agent.destroy());
      const dispatcher = agent.compose(
        instellixInterceptor(api.client),
        dns({ lookup: localLookup as never, dualStack: false }),
      );
      const response = await undici.request(`${api.origin}/api/echo`, { dispatcher });
      expect([response.statusCode, await response.body.text()]).toEqual([200, 'GET ']);
      // The same address, without a name to check the certificate against, and with the name of another host.
      const origin = api.origin.replace('localhost', '127.0.0.1');
      for (const host of [undefined, 'elsewhere.example']) {
        const headers = host === undefined ? {} : { host };
        const call = dispatcher.request({ origin, path: '/api/echo', method: 'GET', headers });
        await expect(call).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      }
      expect(api.requests).toHaveLength(1);
    });
  });
});
