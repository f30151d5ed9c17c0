import { Readable, Writable } from 'node:stream';
import { RequestRefusedError } from '@instellix/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor } from '../src/index.ts';
import { setUpRevoked } from './set-up.ts';
import { undicis } from './undicis.ts';

describe.each(undicis)('$name', ({ undici }) => {
  test('resends over the same connection', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    const ports = new Set<number | undefined>();
    api.routes['/api/port'] = (request, response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(request.headers.authorization === 'Bearer planted-token-2' ? 200 : 401);
      response.end('a short body');
    };
    const { statusCode, body } = await dispatcher.request({ origin: api.origin, path: '/api/port', method: 'GET' });
    await body.dump();
    expect([statusCode, ports.size, api.requests.length]).toEqual([200, 1, 2]);
  });

  test.each([
    ['never ends', (write: (chunk: string) => void) => write('a part')],
    [
      'is endless',
      (write: (chunk: string) => boolean, isClosed: () => boolean) => {
        const more = () => {
          if (isClosed()) return;
          write('x'.repeat(65_536));
          setTimeout(more, 1);
        };
        more();
      },
    ],
  ])('resends although the body of the 401 %s', async (_, respond) => {
    const { api, dispatcher } = await setUpRevoked(undici);
    api.routes['/api/slow'] = (request, response) => {
      if (request.headers.authorization === 'Bearer planted-token-2') return response.writeHead(200).end('complete');
      response.writeHead(401);
      return respond(
        (chunk) => response.write(chunk),
        () => response.destroyed,
      );
    };
    const { statusCode, body } = await dispatcher.request({ origin: api.origin, path: '/api/slow', method: 'GET' });
    expect([statusCode, await body.text()]).toEqual([200, 'complete']);
  });

  test('returns the first 401, complete, when refreshing is suspended', async () => {
    const { api } = await setUpRevoked(undici);
    const suspended = new RequestRefusedError('token_rejected', 'Refreshing is suspended.');
    const getToken: typeof api.client.getToken = async ({ rejected } = {}) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (rejected) throw suspended;
      return api.client.getToken();
    };
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(instellixInterceptor({ ...api.client, getToken }));
    const length = 5_000_000;
    api.routes['/api/never'] = (_, response) => response.writeHead(401, { 'x-sent': 'yes' }).end(Buffer.alloc(length));
    const url = `${api.origin}/api/never`;
    const { statusCode, headers, body } = await undici.request(url, { dispatcher });
    expect([statusCode, headers['x-sent'], (await body.arrayBuffer()).byteLength]).toEqual([401, 'yes', length]);
    const response = await undici.fetch(url, { dispatcher } as never);
    expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([401, length]);
    let streamed = 0;
    const factory = () =>
      new Writable({
        write(chunk, _, done) {
          streamed += chunk.length;
          done();
        },
      });
    await undici.stream(url, { dispatcher, method: 'GET' }, factory);
    expect([streamed, api.requests.length]).toEqual([length, 3]);
    // The caller can still abort it.
    api.routes['/api/never'] = (_, response) => response.writeHead(401).write('a part');
    const abort = new AbortController();
    const call = undici.stream(url, { dispatcher, method: 'GET', signal: abort.signal }, () => {
      setTimeout(() => abort.abort(new Error('left')), 20);
      return factory();
    });
    await expect(call).rejects.toThrow('left');
  });

  test('keeps back-pressure, also after a resend', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    let written = 0;
    api.routes['/api/large'] = (request, response) => {
      if (request.headers.authorization !== 'Bearer planted-token-2') return response.writeHead(401).end();
      return Readable.from(
        (function* () {
          for (; written < 200; written++) yield Buffer.alloc(1_000_000);
        })(),
      ).pipe(response);
    };
    const { body } = await dispatcher.request({ origin: api.origin, path: '/api/large', method: 'GET' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(50);
    let length = 0;
    for await (const chunk of body) length += chunk.length;
    expect(length).toBe(200_000_000);
  });

  test('holds little of a long 401 while it waits for the token', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    let written = 0;
    api.routes['/api/large'] = (request, response) => {
      if (request.headers.authorization === 'Bearer planted-token-2') return response.writeHead(200).end('complete');
      const chunks = (function* () {
        for (; written < 200; written++) yield Buffer.alloc(1_000_000);
      })();
      return Readable.from(chunks).pipe(response.writeHead(401));
    };
    setTimeout(api.hold('respondToToken'), 300);
    const { statusCode, body } = await dispatcher.request({ origin: api.origin, path: '/api/large', method: 'GET' });
    expect([statusCode, await body.text()]).toEqual([200, 'complete']);
    expect(written).toBeLessThan(50);
  });
});
