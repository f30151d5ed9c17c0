import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import type { Dispatcher } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { post, type SetUp, setUp, setUpRevoked, waitForever } from './set-up.ts';
import { UndiciFakeApi } from './undici-fake-api.ts';
import { undicis } from './undicis.ts';

describe.each(undicis)('$name', ({ undici }) => {
  describe.each<[string, (url: string, signal: AbortSignal, dispatcher: Dispatcher) => Promise<unknown>]>([
    ['request', (url, signal, dispatcher) => undici.request(url, { signal, dispatcher })],
    ['fetch', (url, signal, dispatcher) => undici.fetch(url, { signal, dispatcher } as never)],
  ])('an abort of %s', (_, send) => {
    async function verifyAbort({ api, dispatcher }: SetUp, isWaiting: () => boolean): Promise<void> {
      api.hold('respondToToken');
      const abort = new AbortController();
      const call = send(`${api.origin}/api/echo`, abort.signal, dispatcher);
      call.catch(() => {});
      await vi.waitUntil(isWaiting);
      const reason = new Error('left');
      abort.abort(reason);
      await expect(call).rejects.toBe(reason);
    }

    test('ends the wait for the first token', async () => {
      const { api } = await setUpRevoked(undici);
      const getToken = vi.fn(waitForever);
      const client = { ...api.client, peekToken: () => undefined, getToken };
      const agent = new undici.Agent();
      onTestFinished(() => agent.destroy());
      const dispatcher = agent.compose(instellixInterceptor(client));
      await verifyAbort({ api, dispatcher }, () => getToken.mock.calls.length > 0);
      expect(api.requests.length).toBe(0);
    });

    test('ends the wait for the token of a resend', async () => {
      const fixture = await setUpRevoked(undici);
      await verifyAbort(fixture, () => fixture.api.tokenRequests === 2);
      expect(fixture.api.requests.length).toBe(1);
    });
  });

  test.each([
    ['short', 10],
    ['long', 5_000_000],
  ])('rejects when the caller throws on the %s response to a resend', async (_, length) => {
    const { api, dispatcher } = await setUpRevoked(undici);
    api.routes['/api/item'] = ({ headers }, response) => {
      response.writeHead(headers.authorization === 'Bearer planted-token-2' ? 200 : 401).end(Buffer.alloc(length));
    };
    const call = undici.stream(`${api.origin}/api/item`, { dispatcher, method: 'GET' }, () => {
      throw new Error('no writable');
    });
    await expect(call).rejects.toThrow('no writable');
  });

  test('sends options as they were when the call was made, also after a wait and in a resend', async () => {
    const { api, dispatcher } = await setUp(undici);
    const elsewhere = await UndiciFakeApi.start();
    const options = { origin: new URL(api.origin), path: '', method: 'GET' as Dispatcher.HttpMethod };
    const sendAll = () =>
      Promise.all(
        ['/api/1', '/api/2'].map((path) =>
          dispatcher.request(Object.assign(options, { path })).then(({ body }) => body.dump()),
        ),
      );
    const first = sendAll();
    options.origin.host = new URL(elsewhere.origin).host;
    await first;
    api.revokeAll();
    options.origin.host = new URL(api.origin).host;
    const second = sendAll();
    options.origin.host = new URL(elsewhere.origin).host;
    await second;
    expect(elsewhere.requests).toEqual([]);
    const paths = api.requests.map(({ path, token }) => `${path} ${token?.slice(-1)}`);
    expect(paths.toSorted()).toEqual(['/api/1 1', '/api/1 1', '/api/1 2', '/api/2 1', '/api/2 1', '/api/2 2']);
  });

  test.each([
    ['is cut', 'other side closed', async () => {}],
    ['finds no server', 'ECONNREFUSED', (api: UndiciFakeApi) => api.close()],
  ])('rejects when a resend %s', async (_, reason, prepareResend) => {
    const { api } = await setUpRevoked(undici);
    api.routes['/api/gone'] = ({ headers }, response) => {
      if (headers.authorization === 'Bearer planted-token-2') response.socket?.destroy();
      else response.writeHead(401, { connection: 'close' }).end();
    };
    const getToken: typeof api.client.getToken = async (options) => {
      const token = await api.client.getToken(options);
      await prepareResend(api);
      return token;
    };
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(instellixInterceptor({ ...api.client, getToken }));
    const url = `${api.origin}/api/gone`;
    const calls = [undici.request(url, { dispatcher }), undici.fetch(url, { dispatcher } as never)];
    for (const call of await Promise.allSettled(calls)) expect(inspect(call)).toContain(reason);
  });

  test('passes on interim responses to a resend', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    api.routes['/api/hints'] = ({ headers }, response) => {
      if (headers.authorization !== 'Bearer planted-token-2') return response.writeHead(401).end();
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
    const { api, dispatcher } = await setUpRevoked(undici);
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
    api.routes['/api/cut'] = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => response.socket?.destroy(), 20);
    };
    for (const path of ['/api/hints', '/api/cut']) {
      expect(await record(dispatcher, path)).toEqual(await record(agent, path));
    }
  });

  test('shows the token in no error', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    api.routes['/api/reset'] = (_, response) => response.socket?.destroy();
    api.routes['/api/cut'] = (_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('a part');
      setTimeout(() => response.socket?.destroy(), 20);
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
