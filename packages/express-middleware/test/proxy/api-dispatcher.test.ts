import { createServer, request as sendRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { until } from '@instellix/testing';
import { Agent, buildConnector, type Dispatcher, MockAgent } from 'undici';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';

const get = rawRequest('GET /api/items');

/** A corporate proxy, which records its requests. */
async function startCorporateProxy(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { method, headers } = request;
    const forwarded = sendRequest(request.url ?? '', { method, headers }, (upstream) => {
      response.writeHead(upstream.statusCode ?? 502, upstream.headers);
      upstream.pipe(response);
    });
    request.pipe(forwarded.on('error', () => response.socket?.resetAndDestroy()));
  });
  server.on('connect', (request, socket) => {
    requests.push(`CONNECT ${request.url}`);
    const [host = '', port] = (request.url ?? '').split(':');
    const api = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    api.pipe(socket).pipe(api);
    socket.on('error', () => {});
    // A reset is passed on.
    api.on('error', () => (socket as Socket).resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo & Server).port}`, requests };
}

/** Names a corporate proxy for the proxy's own connections. */
function useEnvProxy(url: string, value = '1'): void {
  vi.stubEnv('NODE_USE_ENV_PROXY', value);
  vi.stubEnv('HTTP_PROXY', url).stubEnv('http_proxy', url);
  vi.stubEnv('NO_PROXY', '').stubEnv('no_proxy', '');
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('the proxy’s own connections to the API', () => {
  test.each([
    ['1', 'goes through', 1],
    ['', 'does not go through', 0],
  ])('with NODE_USE_ENV_PROXY=%j, a request %s the corporate proxy', async (value, _, count) => {
    const corporate = await startCorporateProxy();
    useEnvProxy(corporate.url, value);
    const fixture = await ProxyFixture.start();
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
    expect(corporate.requests).toHaveLength(count);
    await fixture.proxy?.close();
  });

  test('to a corporate proxy are limited by connectMs, too', async () => {
    // It accepts connections, and never answers a handshake.
    const silent = createTcpServer();
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    useEnvProxy(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const fixture = await ProxyFixture.start({ timeouts: { connectMs: 100, headersMs: 5_000 } });
    await fixture.exchange(get);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 504, reason: 'UND_ERR_CONNECT_TIMEOUT' }]);
    expect(sockets.length).toBeGreaterThan(0);
    for (const socket of sockets) socket.destroy();
    silent.close();
    await fixture.proxy?.close();
  });

  test('do not take a reset behind a corporate proxy for the end of a body', async () => {
    const corporate = await startCorporateProxy();
    useEnvProxy(corporate.url);
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = (_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf');
      setTimeout(() => socket.resetAndDestroy(), 50);
    };
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, isWhole: false });
    expect(fixture.events).toMatchObject([{ outcome: 'failed', code: 'upstream_failed' }]);
    expect(corporate.requests).toHaveLength(1);
    await fixture.proxy?.close();
  });

  test.each(['before the response', 'within the response'])(
    'leave no idle one when callers go away %s',
    async (when) => {
      const fixture = await ProxyFixture.start();
      await fixture.client.getToken();
      fixture.upstream.script = (_, socket) => {
        if (when === 'within the response') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
      };
      const callers = await Promise.all(Array.from({ length: 5 }, () => fixture.connect()));
      for (const caller of callers) caller.send(get);
      await until(() => fixture.upstream.arrivals.length === 5);
      if (when === 'within the response') await until(() => callers.every(({ received }) => received.includes('half')));
      for (const caller of callers) caller.destroy();
      await until(() => fixture.events.length === 5);
      // undici 7 opens a further connection for each of them and closes it at once; an idle one would stay open for four seconds.
      await new Promise((resolve) => setTimeout(resolve, 100));
      // The first connection is for tokens.
      const isOver = () => expect(fixture.upstream.connections.slice(1).every(({ destroyed }) => destroyed)).toBe(true);
      await vi.waitFor(isOver, { timeout: 2_000 });
      expect(fixture.upstream.arrivals).toHaveLength(5);
    },
  );
});

describe('a dispatcher of the caller', () => {
  test('sends the requests, and stays open when the proxy is closed', async () => {
    const connections: string[] = [];
    const connectApi = buildConnector({});
    const dispatcher = new Agent({
      connect: (options, callback) => {
        connections.push(options.hostname);
        connectApi(options, callback);
      },
    });
    const fixture = await ProxyFixture.start({ dispatcher });
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'ok' });
    expect(connections).toEqual(['127.0.0.1']);
    await fixture.proxy?.close();
    expect(
      (await dispatcher.request({ origin: fixture.upstream.origin, path: '/v1/x', method: 'GET' })).statusCode,
    ).toBe(401);
    await dispatcher.close();
  });

  test('that has timeouts of its own ends a request with a 504', async () => {
    const dispatcher = new Agent({
      connect: (_, callback) => callback(Object.assign(new Error('slow'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), null),
    });
    const fixture = await ProxyFixture.start({ dispatcher });
    const response = await fixture.exchange(get);
    expect([response.status, JSON.parse(response.body).code]).toEqual([504, 'upstream_timeout']);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', reason: 'UND_ERR_CONNECT_TIMEOUT' }]);
    await dispatcher.close();
  });

  test('can be a mock, which responds before dispatch() returns', async () => {
    const dispatcher = new MockAgent();
    dispatcher.disableNetConnect();
    const fixture = await ProxyFixture.start({ dispatcher });
    const api = dispatcher.get(fixture.upstream.origin);
    const reply = (token: number, status: number, body: string) =>
      api
        .intercept({ path: '/v1/items', headers: { authorization: `Bearer planted-token-${token}` } })
        .reply(status, body);
    reply(1, 401, 'refused');
    reply(2, 200, 'mocked');
    reply(2, 407, 'not for callers');
    expect(await fixture.exchange(get)).toMatchObject({ status: 200, body: 'mocked', isWhole: true });
    expect(await fixture.exchange(get)).toMatchObject({ status: 502 });
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded', resent: true }, { outcome: 'failed' }]);
    await dispatcher.close();
  });

  describe('that responds late or much', () => {
    /** A service whose requests to the API the test responds to. */
    async function start() {
      const handlers: Dispatcher.DispatchHandler[] = [];
      const dispatcher = { dispatch: (_: unknown, handler: Dispatcher.DispatchHandler) => handlers.push(handler) > 0 };
      const fixture = await ProxyFixture.start({ dispatcher: dispatcher as unknown as Dispatcher });
      const caller = await fixture.connect();
      caller.send(get);
      await until(() => handlers.length === 1);
      const controller = {
        abort: vi.fn(),
        pause: vi.fn(),
        resume: vi.fn(),
        paused: false,
        aborted: false,
        reason: null,
      };
      const respond = (status: number, bytes: number) => {
        handlers[0]?.onResponseStart?.(controller, status, {});
        handlers[0]?.onResponseData?.(controller, Buffer.alloc(bytes));
      };
      handlers[0]?.onRequestStart?.(controller, {});
      return { fixture, caller, controller, respond };
    }

    test.each([
      [65_536, 0],
      [65_537, 1],
    ])('is told to end a response that is not forwarded after 64 KiB: %d bytes', async (bytes, times) => {
      const { caller, controller, respond } = await start();
      respond(407, bytes);
      expect(controller.abort).toHaveBeenCalledTimes(times);
      expect(await caller.readResponse()).toMatchObject({ status: 502 });
    });

    test('sends nothing to a caller that has left', async () => {
      const { fixture, caller, controller, respond } = await start();
      caller.destroy();
      await until(() => fixture.events.length === 1);
      expect(controller.abort).toHaveBeenCalledTimes(1);
      const timers = vi.spyOn(globalThis, 'setInterval');
      onTestFinished(() => timers.mockRestore());
      respond(200, 1);
      expect([timers.mock.calls.length, controller.pause.mock.calls.length]).toEqual([0, 0]);
    });
  });

  test('that passes on an invalid header causes a problem document without the headers of that response', async () => {
    const dispatcher = new MockAgent();
    const fixture = await ProxyFixture.start({ dispatcher });
    const headers = { 'content-encoding': 'gzip', etag: '"a"', 'x-note': 'a\x7fb' };
    dispatcher.get(fixture.upstream.origin).intercept({ path: '/v1/items' }).reply(200, 'ok', { headers });
    const response = await fixture.exchange(get);
    expect([response.status, JSON.parse(response.body).code]).toEqual([502, 'upstream_failed']);
    expect(response.headers).not.toHaveProperty('content-encoding');
    expect(response.headers).not.toHaveProperty('etag');
    expect(fixture.events).toMatchObject([{ outcome: 'failed', reason: 'ERR_INVALID_CHAR' }]);
    await dispatcher.close();
  });
});
