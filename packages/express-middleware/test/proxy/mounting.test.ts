import type { IncomingMessage } from 'node:http';
import { type INestApplication, type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express, { Router } from 'express';
import express4 from 'express-oldest';
import { describe, expect, test } from 'vitest';
import type { InstellixProxy } from '../../src/proxy/instellix-proxy.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, saying } from './scripted-upstream.ts';

const targets = (fixture: ProxyFixture) => fixture.upstream.arrivals.map(({ target }) => target);

describe.each([
  ['Express 5', express],
  ['Express 4.19', express4],
])('%s:', (_, framework) => {
  async function start(mount: (app: ReturnType<typeof express>, proxy: InstellixProxy) => void, options = {}) {
    const fixture = await ProxyFixture.start(options, () => {});
    const app = framework();
    mount(app, fixture.createProxy(options));
    fixture.server.removeAllListeners('request');
    fixture.server.on('request', app);
    return fixture;
  }

  test.each<[string, (app: ReturnType<typeof express>, proxy: InstellixProxy) => void, string, string]>([
    ['below a path', (app, proxy) => app.use('/api', proxy), '/api/items/1?x=%20y', '/v1/items/1?x=%20y'],
    ['below a path with a trailing slash', (app, proxy) => app.use('/api/', proxy), '/api/items', '/v1/items'],
    ['at the root', (app, proxy) => app.use(proxy), '/items', '/v1/items'],
    [
      'below routers within routers',
      (app, proxy) => app.use('/a', Router().use('/b', Router().use('/c', proxy))),
      '/a/b/c/items',
      '/v1/items',
    ],
    ['below a parameter', (app, proxy) => app.use('/t/:tenant/api', proxy), '/t/ac%20me/api/items', '/v1/items'],
    ['at the base of the API', (app, proxy) => app.use('/api', proxy), '/api', '/v1/'],
    ['at the base of the API with a query', (app, proxy) => app.use('/api', proxy), '/api?a=b', '/v1/?a=b'],
  ])('forwards the target below the mount: %s', async (_title, mount, path, arrives) => {
    const fixture = await start(mount);
    expect(await fixture.exchange(rawRequest(`GET ${path}`))).toMatchObject({ status: 200, body: 'ok' });
    expect(targets(fixture)).toEqual([arrives]);
  });

  test('a route of one method needs a mountPath', async () => {
    const fixture = await start((app, proxy) => app.get(/^\/api\/items/, proxy), { mountPath: '/api' });
    expect(await fixture.exchange(rawRequest('GET /api/items/1'))).toMatchObject({ status: 200 });
    expect(targets(fixture)).toEqual(['/v1/items/1']);
  });

  test('middleware that changes request.url does not change the target', async () => {
    const fixture = await start((app, proxy) =>
      app.use(
        (request, _response, next) => {
          request.url = '/api/admin';
          next();
        },
        Router().use('/api', proxy),
      ),
    );
    expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200 });
    expect(targets(fixture)).toEqual(['/v1/items']);
  });

  test('a body that express.json() has read is an immediate 500 that names the cause', async () => {
    const fixture = await start((app, proxy) => app.use(framework.json(), proxy));
    const sent = ['Content-Type: application/json', 'Content-Length: 2'];
    const response = await fixture.exchange(rawRequest('POST /items', sent, '{}'));
    expect(response.status).toBe(500);
    expect(JSON.parse(response.body)).toMatchObject({
      code: 'body_consumed',
      detail: expect.stringContaining('before express.json()'),
    });
    expect(fixture.events).toMatchObject([
      { outcome: 'refused', code: 'body_consumed', reason: expect.stringContaining('express.json()') },
    ]);
    expect(fixture.upstream.arrivals).toEqual([]);
  });

  test.each([
    ['of known length', ['Content-Length: 2'], '{}'],
    ['in chunks', ['Transfer-Encoding: chunked'], '2\r\n{}\r\n0\r\n\r\n'],
  ])('a body %s that middleware reads after it has called next() is refused, too', async (_, headers, body) => {
    const fixture = await start(
      (app, proxy) =>
        app.use((request, _response, next) => {
          next();
          request.resume();
        }, proxy),
      { resendBodyBytes: 0 },
    );
    const response = await fixture.exchange(rawRequest('POST /items', headers, body));
    expect(JSON.parse(response.body)).toMatchObject({ code: 'body_consumed' });
    expect(fixture.upstream.arrivals).toEqual([]);
  });

  test('a body that middleware reads while authorize is asked is refused, too', async () => {
    const readLate = async (request: IncomingMessage, next: () => void) => {
      next();
      await null;
      request.resume();
    };
    const fixture = await start(
      (app, proxy) => app.use((request, _response, next) => void readLate(request, next), proxy),
      { authorize: () => true },
    );
    const response = await fixture.exchange(rawRequest('POST /items', ['Content-Length: 2'], '{}'));
    expect(JSON.parse(response.body)).toMatchObject({ code: 'body_consumed' });
    expect(fixture.upstream.arrivals).toEqual([]);
  });

  test('express.json() on other routes and for other media types has no effect', async () => {
    const fixture = await start((app, proxy) => {
      app.use('/own', framework.json(), (request, response) => void response.json(request.body));
      app.use('/api', framework.json(), proxy);
    });
    const own = ['Content-Type: application/json', 'Content-Length: 7'];
    expect(await fixture.exchange(rawRequest('POST /own', own, '{"a":1}'))).toMatchObject({
      status: 200,
      body: '{"a":1}',
    });
    const text = ['Content-Type: text/plain', 'Content-Length: 5'];
    expect(await fixture.exchange(rawRequest('POST /api/items', text, 'hello'))).toMatchObject({ status: 200 });
    expect(fixture.upstream.arrivals).toMatchObject([{ body: 'hello' }]);
    expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200 });
  });

  test('keeps the headers of the service, and merges Vary', async () => {
    const fixture = await start((app, proxy) =>
      app.use((_request, response, next) => {
        response.setHeader('X-Content-Type-Options', 'nosniff');
        response.setHeader('Vary', 'Origin');
        next();
      }, proxy),
    );
    fixture.upstream.script = saying(rawResponse('200 OK', 'ok', 'Vary: Accept-Encoding', 'Set-Cookie: a=b'));
    const { headers } = await fixture.exchange(rawRequest('GET /items'));
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', vary: 'Origin, Accept-Encoding' });
    expect(headers['set-cookie']).toBeUndefined();
  });
});

describe('Nest', () => {
  type Configure = (consumer: MiddlewareConsumer, proxy: InstellixProxy) => void;
  const belowApi: Configure = (consumer, proxy) =>
    void consumer.apply(proxy).forRoutes({ path: 'api/*path', method: RequestMethod.ALL });
  const post = rawRequest('POST /v9/api/items', ['Content-Type: application/json', 'Content-Length: 2'], '{}');

  async function start(configure: Configure, options = {}, nestOptions = {}, mountPath?: string) {
    const fixture = await ProxyFixture.start(options, () => {});
    const proxy = fixture.createProxy(options);
    class AppModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        configure(consumer, proxy);
      }
    }
    Module({})(AppModule);
    const app: INestApplication = await NestFactory.create(AppModule, { logger: false, ...nestOptions });
    app.setGlobalPrefix('v9');
    if (mountPath) app.use(mountPath, proxy);
    await app.init();
    fixture.server.removeAllListeners('request');
    fixture.server.on('request', app.getHttpAdapter().getInstance());
    return fixture;
  }

  test('middleware of a path forwards the target below mountPath', async () => {
    const fixture = await start(belowApi, { mountPath: '/v9/api' });
    expect(await fixture.exchange(rawRequest('GET /v9/api/items/1?a=b'))).toMatchObject({ status: 200, body: 'ok' });
    expect(targets(fixture)).toEqual(['/v1/items/1?a=b']);
  });

  test('middleware with a wrong mountPath forwards nothing', async () => {
    const fixture = await start(belowApi, { mountPath: '/api' });
    expect(await fixture.exchange(rawRequest('GET /v9/api/items'))).toMatchObject({ status: 404 });
    expect(targets(fixture)).toEqual([]);
  });

  test('below forRoutes() a parser has read every JSON body, and the problem says what to do', async () => {
    const fixture = await start(belowApi, { mountPath: '/v9/api' });
    const response = await fixture.exchange(post);
    expect(response.status).toBe(500);
    expect(JSON.parse(response.body)).toMatchObject({
      code: 'body_consumed',
      detail: expect.stringContaining('in main.ts with app.use(path, proxy), before app.listen()'),
    });
    expect(fixture.events).toMatchObject([{ outcome: 'refused', reason: JSON.parse(response.body).detail }]);
  });

  test.each([
    ['mounted with app.use() before the application listens', () => start(() => {}, {}, {}, '/v9/api')],
    ['of an application without parsers', () => start(belowApi, { mountPath: '/v9/api' }, { bodyParser: false })],
  ])('a JSON body is forwarded by a proxy %s', async (_, begin) => {
    const fixture = await begin();
    expect(await fixture.exchange(post)).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals).toMatchObject([{ target: '/v1/items', body: '{}' }]);
  });
});

test('a server without a framework needs only a mountPath', async () => {
  const fixture = await ProxyFixture.start({ mountPath: '/api' }, () => {});
  const proxy = fixture.createProxy({ mountPath: '/api' });
  fixture.server.removeAllListeners('request');
  fixture.server.on('request', (request, response) => proxy(request as never, response as never, () => response.end()));
  expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200, body: 'ok' });
  expect(targets(fixture)).toEqual(['/v1/items']);
});
