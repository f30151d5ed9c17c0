import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type { AccessToken, GetTokenOptions } from '@instellix/core';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor, type UndiciInterceptorOptions } from '../src/index.ts';
import { type Api, startApi } from './start-api.ts';
import { type Undici, undicis } from './undicis.ts';

/** An API whose tokens have been revoked once, and a dispatcher for it. */
async function setUp(
  undici: Undici,
  options?: UndiciInterceptorOptions,
): Promise<{ api: Api; dispatcher: Dispatcher }> {
  const api = await startApi();
  const agent = new undici.Agent({ connections: 1 });
  onTestFinished(() => agent.destroy());
  const dispatcher = agent.compose(instellixInterceptor(api.client, options));
  await api.client.getToken();
  api.revoke();
  return { api, dispatcher };
}

const post = ({ origin }: Api, body: unknown) =>
  ({ origin, path: '/api/echo', method: 'POST', body }) as Dispatcher.RequestOptions;

/** A `getToken` that ends only with its signal. */
const waitForever = ({ signal }: GetTokenOptions = {}) =>
  new Promise<AccessToken>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

const _fits = 'x'.repeat(65_536);

describe.each(undicis)('$name', ({ undici }) => {
  describe.each<[string, (url: string, signal: AbortSignal, dispatcher: Dispatcher) => Promise<unknown>]>([
    ['request', (url, signal, dispatcher) => undici.request(url, { signal, dispatcher })],
    ['fetch', (url, signal, dispatcher) => undici.fetch(url, { signal, dispatcher } as never)],
  ])('an abort of %s', (_, send) => {
    async function verifyAbort({ api, dispatcher }: Awaited<ReturnType<typeof setUp>>): Promise<void> {
      api.tokenGate = new Promise(() => {});
      const abort = new AbortController();
      const call = send(`${api.origin}/api/echo`, abort.signal, dispatcher);
      call.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 50));
      const reason = new Error('left');
      abort.abort(reason);
      await expect(call).rejects.toBe(reason);
    }

    test('ends the wait for the first token', async () => {
      const { api } = await setUp(undici);
      const client = { ...api.client, peekToken: () => undefined, getToken: waitForever };
      const agent = new undici.Agent();
      onTestFinished(() => agent.destroy());
      await verifyAbort({ api, dispatcher: agent.compose(instellixInterceptor(client)) });
      expect(api.arrivals.length).toBe(0);
    });

    test('ends the wait for the token of a resend', async () => {
      const fixture = await setUp(undici);
      await verifyAbort(fixture);
      expect(fixture.api.arrivals.length).toBe(1);
    });
  });

  test.each([
    ['short', 10],
    ['long', 5_000_000],
  ])('rejects when the caller throws on the %s response to a resend', async (_, length) => {
    const { api, dispatcher } = await setUp(undici);
    api.routes['/api/item'] = ({ headers }, response) => {
      response.writeHead(headers.authorization === 'Bearer token-2' ? 200 : 401).end(Buffer.alloc(length));
    };
    const call = undici.stream(`${api.origin}/api/item`, { dispatcher, method: 'GET' }, () => {
      throw new Error('no writable');
    });
    await expect(call).rejects.toThrow('no writable');
  });

  test('passes on interim responses to a resend', async () => {
    const { api, dispatcher } = await setUp(undici);
    api.routes['/api/hints'] = ({ headers }, response) => {
      if (headers.authorization !== 'Bearer token-2') return response.writeHead(401).end();
      response.writeProcessing();
      return response.end('complete');
    };
    const infos: number[] = [];
    const { statusCode, body } = await dispatcher.request({
      origin: api.origin,
      path: '/api/hints',
      method: 'GET',
      onInfo: (info) => infos.push(info.statusCode),
    } as Dispatcher.RequestOptions);
    expect([infos, statusCode, await body.text()]).toEqual([[102], 200, 'complete']);
  });

  test('passes on the events that a dispatcher without the interceptor emits', async () => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.getToken({ rejected: await api.client.getToken() });
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const record = (target: Dispatcher, path: string) =>
      new Promise<string[]>((resolve) => {
        const events: string[] = [];
        const names = ['RequestStart', 'ResponseStarted', 'BodySent', 'RequestSent', 'ResponseStart', 'ResponseData'];
        const handler: Record<string, () => void> = {};
        for (const name of names) handler[`on${name}`] = () => void events.push(name);
        for (const name of ['onResponseEnd', 'onResponseError']) handler[name] = () => resolve([...events, name]);
        target.dispatch({ ...post(api, 'a body'), path }, handler);
      });
    api.routes['/api/hints'] = (_, response) => {
      response.writeProcessing();
      response.end('complete');
    };
    api.routes['/api/cut'] = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => request.socket.destroy(), 20);
    };
    for (const path of ['/api/hints', '/api/cut']) {
      expect(await record(dispatcher, path)).toEqual(await record(agent, path));
    }
  });

  test('shows the token in no error', async () => {
    const { api, dispatcher } = await setUp(undici);
    api.routes['/api/reset'] = (request) => request.socket.destroy();
    api.routes['/api/cut'] = (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => request.socket.destroy(), 20);
    };
    const url = (path: string) => `${api.origin}/api/${path}`;
    const errors = await Promise.all([
      undici.request(url('reset'), { dispatcher }).catch((error) => error),
      undici.fetch(url('reset'), { dispatcher } as never).catch((error) => error),
      undici.request(url('cut'), { dispatcher }).then(({ body }) => text(body).catch((error) => error)),
    ]);
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
      expect(shown).not.toMatch(/token-\d/);
    }
  });
});
