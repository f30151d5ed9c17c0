import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { until } from '@instellix/testing';
import compression from 'compression';
import type express from 'express';
import expressWinston from 'express-winston';
import helmet from 'helmet';
import serverless from 'serverless-http';
import { describe, expect, test } from 'vitest';
import winston from 'winston';
import type { InstellixProxy } from '../../src/proxy/instellix-proxy.ts';
import { expresses } from '../expresses.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, saying, whole } from './scripted-upstream.ts';

const json = '{"name":"Müller","price":"5 €"}';
/** The bytes on the wire. */
const bytes = (text: string | Buffer) => Buffer.from(text).toString('latin1');
const utf8 = ({ body }: { readonly body: string }) => Buffer.from(body, 'latin1').toString();
const jsonAnswer = (...headers: string[]) =>
  rawResponse('200 OK', bytes(json), 'Content-Type: application/json; charset=utf-8', ...headers);
const get = (...headers: string[]) => rawRequest('GET /api/items', headers);

describe.each(expresses)('$name', ({ express: framework }) => {
  async function start(mount: (app: express.Express, proxy: InstellixProxy) => void, options = {}) {
    const fixture = await ProxyFixture.start(options, () => {});
    const app = framework();
    mount(app, fixture.createProxy(options));
    fixture.server.removeAllListeners('request').on('request', app);
    return { fixture, app };
  }

  describe('on AWS Lambda, with serverless-http,', () => {
    async function invoke(app: express.Express, method = 'GET', body?: string) {
      const http = { method, path: '/api/items', sourceIp: '192.0.2.1' };
      const event = { version: '2.0', rawPath: http.path, rawQueryString: '', requestContext: { http } };
      const headers = { host: 'service.example', 'content-type': 'application/json' };
      const handler = serverless(app, { binary: true });
      const result = await handler({ ...event, headers, body, isBase64Encoded: false }, {});
      const response = result as { statusCode: number; body: string; isBase64Encoded: boolean };
      return {
        status: response.statusCode,
        bytes: Buffer.from(response.body, response.isBase64Encoded ? 'base64' : 'utf8'),
      };
    }

    test.each([
      ['a short body above ASCII', Buffer.from(json), []],
      ['a gzip body', gzipSync(json), ['Content-Encoding: gzip']],
      ['no body', Buffer.alloc(0), []],
      ['a long body', randomBytes(500_000), []],
    ])('%s arrives byte for byte', async (_, body, headers) => {
      const { fixture, app } = await start((app, proxy) => app.use('/api', proxy));
      fixture.upstream.script = saying(rawResponse('200 OK', bytes(body), ...headers));
      const found = await invoke(app);
      expect([found.status, found.bytes.equals(body)]).toEqual([200, true]);
      expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }]);
    });

    test('a body is forwarded, and a refusal is a problem document', async () => {
      const { fixture, app } = await start((app, proxy) => app.use('/api', proxy), {
        allow: [{ methods: ['POST'], path: '/items' }],
      });
      expect(await invoke(app, 'POST', json)).toMatchObject({ status: 200 });
      expect(fixture.upstream.arrivals).toMatchObject([{ body: bytes(json) }]);
      const refused = await invoke(app);
      expect([refused.status, JSON.parse(refused.bytes.toString()).code]).toEqual([405, 'method_not_allowed']);
    });
  });

  test('a response logger before the proxy sees the original body', async () => {
    const logged: { meta: { res: { body: unknown } } }[] = [];
    const stream = new Writable({ objectMode: true, write: (info, _, done) => done(void logged.push(info)) });
    const logger = expressWinston.logger({
      transports: [new winston.transports.Stream({ stream })],
      responseWhitelist: ['body', 'statusCode'],
      format: winston.format.json(),
    });
    const { fixture } = await start((app, proxy) => app.use(logger).use('/api', proxy));
    fixture.upstream.script = saying(jsonAnswer());
    expect(utf8(await fixture.exchange(get()))).toBe(json);
    await until(() => logged.length === 1);
    expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }]);
  });

  test('a logger that collects what is written and ended collects Buffers only', async () => {
    const collected: unknown[] = [];
    const { fixture } = await start((app, proxy) => {
      app.use((_request, response, next) => {
        const { write, end } = response;
        const collecting = (method: (...args: never[]) => unknown) =>
          ((...args: never[]) => {
            if (args[0]) collected.push(args[0]);
            return method.apply(response, args);
          }) as never;
        response.write = collecting(write);
        response.end = collecting(end);
        next();
      });
      app.use('/api', proxy);
    });
    fixture.upstream.script = saying(jsonAnswer());
    expect(utf8(await fixture.exchange(get()))).toBe(json);
    expect(Buffer.concat(collected as Buffer[]).toString()).toBe(json);
  });

  test('a response that was paused is relayed without empty writes', async () => {
    const written: number[] = [];
    let isPaused = false;
    const { fixture } = await start((app, proxy) => {
      app.use((_request, response, next) => {
        const write = response.write.bind(response) as (chunk: Buffer) => boolean;
        response.write = (chunk: Buffer) => {
          written.push(chunk.length);
          const isTaken = write(chunk);
          isPaused ||= !isTaken;
          return isTaken;
        };
        next();
      });
      app.use('/api', proxy);
    });
    const body = 'a'.repeat(2 ** 20);
    fixture.upstream.script = saying(rawResponse('200 OK', body));
    expect((await fixture.exchange(get())).body).toBe(body);
    expect(isPaused).toBe(true);
    expect(written).not.toContain(0);
    expect(written.reduce((sum, length) => sum + length, 0)).toBe(body.length);
  });

  test('helmet before the proxy sets the policies, and the API cannot weaken them', async () => {
    const { fixture } = await start((app, proxy) => app.use(helmet()).use('/api', proxy));
    fixture.upstream.script = saying(
      jsonAnswer("Content-Security-Policy: script-src 'unsafe-inline'", 'X-Frame-Options: ALLOWALL', 'ETag: "a"'),
    );
    const { headers } = await fixture.exchange(get());
    expect(headers).toMatchObject({
      'x-frame-options': 'SAMEORIGIN',
      'x-content-type-options': 'nosniff',
      etag: '"a"',
    });
    expect(headers['content-security-policy']).toMatch(/^default-src 'self'/);
  });

  test.each(['before', 'after'])('other middleware %s the proxy receives all other requests', async (place) => {
    const other: express.RequestHandler = (request, response, next) =>
      request.path.startsWith('/own') ? void response.json({ own: true }) : next();
    const { fixture } = await start((app, proxy) =>
      place === 'before'
        ? app.use(helmet(), compression(), other).use('/api', proxy)
        : app.use('/api', proxy).use(helmet(), compression(), other),
    );
    expect(await fixture.exchange(get())).toMatchObject({ status: 200, body: 'ok' });
    expect(await fixture.exchange(rawRequest('GET /own'))).toMatchObject({ status: 200, body: '{"own":true}' });
  });

  describe('after compression()', () => {
    const mount = (app: express.Express, proxy: InstellixProxy) => app.use(compression()).use('/api', proxy);

    test('a response is compressed completely', async () => {
      const { fixture } = await start(mount);
      const body = randomBytes(1024 * 1024).toString('base64');
      fixture.upstream.script = saying(rawResponse('200 OK', body, 'Content-Type: text/plain'));
      const { headers, body: zipped } = await fixture.exchange(get('Accept-Encoding: gzip'));
      expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: expect.stringContaining('Accept-Encoding') });
      expect(headers['content-length']).toBeUndefined();
      expect(gunzipSync(Buffer.from(zipped, 'latin1')).toString()).toBe(body);
    });

    test('an incomplete response stays incomplete', async () => {
      const { fixture } = await start(mount);
      let disconnect = () => {};
      fixture.upstream.script = (_, socket) => {
        const head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200000\r\n\r\n';
        socket.write(head + 'a'.repeat(100_000));
        disconnect = () => void socket.destroy();
      };
      const client = await fixture.connect();
      client.send(get('Accept-Encoding: gzip'));
      await until(() => client.received.includes('\r\n\r\n'));
      disconnect();
      expect(await client.readResponse('GET')).toMatchObject({ status: 200, isWhole: false });
      expect(fixture.events).toMatchObject([{ outcome: 'failed' }]);
    });

    test('events are sent one by one', async () => {
      const { fixture } = await start(mount);
      let send = (_: string) => {};
      fixture.upstream.script = (_, socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
        send = (text) => void socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
      };
      const client = await fixture.connect();
      client.send(get('Accept-Encoding: gzip'));
      await until(() => client.received.includes('\r\n\r\n'));
      expect(client.received).toMatch(/content-encoding: gzip/i);
      for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
        const before = client.received.length;
        send(event);
        await until(() => client.received.length > before);
      }
    });
  });

  describe('a caller', () => {
    test('of HTTP/1.0 receives the whole response, and its connection ends', async () => {
      const { fixture } = await start((app, proxy) => app.use(compression(), helmet()).use('/api', proxy));
      fixture.upstream.script = saying(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`);
      const response = await fixture.exchange(get().replace('HTTP/1.1', 'HTTP/1.0'));
      expect(response).toMatchObject({ status: 200, body: 'ok', isWhole: true, connection: 'ended' });
      expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }]);
    });

    test('that sends Connection: close receives the whole response, and its connection ends', async () => {
      const { fixture } = await start((app, proxy) => app.use('/api', proxy));
      fixture.upstream.script = saying(jsonAnswer('Connection: keep-alive'));
      const client = await fixture.connect();
      client.send(get('Connection: close'));
      const response = await client.readResponse();
      expect([utf8(response), response.isWhole, response.headers['connection']]).toEqual([json, true, 'close']);
      expect(await client.ended()).toBe('ended');
      expect(fixture.upstream.arrivals[0]?.header('connection')).toBe('keep-alive');
    });

    test('of an API that sends Connection: close keeps its own connection', async () => {
      const { fixture } = await start((app, proxy) => app.use('/api', proxy));
      fixture.upstream.script = (arrival, socket) =>
        void whole(arrival).then(() => socket.end(jsonAnswer('Connection: close'), 'latin1'));
      const client = await fixture.connect();
      for (let i = 0; i < 3; i++) {
        client.send(get());
        expect(await client.readResponse()).toMatchObject({ status: 200, isWhole: true, connection: 'open' });
      }
    });
  });
});

test('bytes that the caller reads keep the connection open, also after the API has sent all', async () => {
  const fixture = await ProxyFixture.start({ timeouts: { idleMs: 250 } }, (app, proxy) => {
    // Accepts everything at once, and forwards it slowly.
    app.use((_request, response, next) => {
      const { write, end } = response;
      const chunks: Buffer[] = [];
      response.write = ((chunk: Buffer) => chunks.push(chunk) > 0) as never;
      response.end = (() => {
        const all = Buffer.concat(chunks);
        const piece = Math.ceil(all.length / 15);
        let sent = 0;
        const timer = setInterval(() => {
          if (response.destroyed) return clearInterval(timer);
          write.call(response, all.subarray(sent, sent + piece), 'latin1');
          sent += piece;
          if (sent < all.length) return;
          clearInterval(timer);
          end.call(response, undefined, 'latin1');
        }, 50);
      }) as never;
      next();
    });
    app.use('/api', proxy);
  });
  const body = 'a'.repeat(300_000);
  fixture.upstream.script = saying(rawResponse('200 OK', body));
  const response = await fixture.exchange(get());
  expect([response.isWhole, response.body.length]).toEqual([true, body.length]);
  expect(fixture.events).toMatchObject([{ outcome: 'forwarded' }]);
  expect(fixture.events[0]?.durationMs).toBeGreaterThan(500);
});

test('a caller that stops reading for idleMs is disconnected', async () => {
  const fixture = await ProxyFixture.start({ timeouts: { idleMs: 100 } });
  const length = 64 * 2 ** 20;
  fixture.upstream.script = (_, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
    socket.write(Buffer.alloc(length));
  };
  const client = await fixture.connect();
  client.socket.pause();
  client.send(get());
  await until(() => fixture.events.length === 1);
  expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: 200 }]);
  await until(() => fixture.upstream.connections.slice(1).every((socket) => socket.destroyed));
});

test('a file name in UTF-8 arrives byte for byte, also when Content-Length precedes it', async () => {
  const fixture = await ProxyFixture.start();
  const name = bytes('attachment; filename="Prüfbericht €.pdf"');
  fixture.upstream.script = saying(rawResponse('200 OK', 'ok', `Content-Disposition: ${name}`));
  expect((await fixture.exchange(get())).headers['content-disposition']).toBe(name);
});

test.each([
  ['a 304', 'GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
  ['a 204', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
  ['a response to HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
])('%s has no body, with any Content-Length, and keeps the connection open', async (_, method, response) => {
  const fixture = await ProxyFixture.start();
  fixture.upstream.script = saying(response);
  const client = await fixture.connect();
  for (let i = 0; i < 3; i++) {
    client.send(rawRequest(`${method} /api/items`));
    expect(await client.readResponse(method)).toMatchObject({ body: '', isWhole: true, connection: 'open' });
  }
  await until(() => fixture.events.length === 3);
  expect(fixture.events.map(({ outcome }) => outcome)).toEqual(['forwarded', 'forwarded', 'forwarded']);
});
