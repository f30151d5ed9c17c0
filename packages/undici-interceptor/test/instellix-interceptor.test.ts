import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createInstellixClient } from '@instellix/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { type Options, send, setUp } from './set-up.ts';
import { UndiciFakeApi } from './undici-fake-api.ts';
import { undicis } from './undicis.ts';

describe.each(undicis)('$name', ({ undici }) => {
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
    expect(api.summary()).toEqual([
      'GET /api/echo Bearer planted-token-1',
      'POST /api/echo Bearer planted-token-1 from a getter',
    ]);
    expect(api.requests[1]?.headers['x-sent']).toBe('from a getter');
  });

  test('leaves invalid options to undici', async () => {
    const { api, dispatcher } = await setUp(undici);
    const { origin } = api;
    await expect(dispatcher.request({ origin } as Options)).rejects.toThrow(/path/);
    await expect(send(dispatcher, { origin, path: '/api/ x' })).rejects.toThrow(/path/);
    await expect(send(dispatcher, { origin, method: 'G T' as never })).rejects.toThrow(/method/);
    await expect(send(dispatcher, { origin: 'no origin' })).rejects.toThrow();
    const options = { origin, path: '/api/echo', method: 'GET' } as const;
    // undici 7 does not name what is missing.
    expect(() => dispatcher.dispatch(options, undefined as never)).toThrow(/handler|undefined/);
    expect(api.requests).toEqual([]);
  });

  test('serves a Client, and says what to do when a request has no origin', async () => {
    const api = await UndiciFakeApi.start();
    const inner = new undici.Client(api.origin);
    onTestFinished(() => inner.destroy());
    const dispatcher = inner.compose(instellixInterceptor(api.client));
    const call = send(dispatcher, {});
    // undici 8 adds the origin of the Client.
    if (undicis.find((each) => each.undici === undici)?.name === 'undici 8:') expect((await call).status).toBe(200);
    else await expect(call).rejects.toThrow(/has no origin: set `origin`, or pass an absolute URL/);
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
    const api = await UndiciFakeApi.start({ createServer: () => server });
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
    api.routes['/api/reset'] = (_, response) => response.socket?.destroy();
    await expect(send(dispatcher, { origin: api.origin, path: '/api/reset' })).rejects.toMatchObject({
      code: 'UND_ERR_SOCKET',
    });
  });
});
