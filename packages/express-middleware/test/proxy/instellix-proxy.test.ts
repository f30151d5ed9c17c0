import type { RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { InstellixClient } from '@instellix/core';
import { until } from '@instellix/testing';
import { describe, expect, test, vi } from 'vitest';
import { instellixProxy } from '../../src/proxy/instellix-proxy.ts';
import { everything, ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, saying } from './scripted-upstream.ts';

const get = rawRequest('GET /api/items');
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).code;

describe('authorize', () => {
  test('is called before anything is sent, and only for allowed requests', async () => {
    const paths: string[] = [];
    const fixture = await ProxyFixture.start({
      allow: [{ methods: ['GET'], path: '/items' }],
      authorize: async ({ headers, path }) => {
        paths.push(path);
        return headers['x-user'] === 'ada';
      },
    });
    const refused = await fixture.exchange(get);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'forbidden']);
    expect([fixture.upstream.arrivals.length, fixture.upstream.tokenRequests]).toEqual([0, 0]);
    expect(await fixture.exchange(rawRequest('GET /api/items', ['X-User: ada']))).toMatchObject({ status: 200 });
    await fixture.exchange(rawRequest('GET /api/other', ['X-User: ada']));
    await fixture.exchange(rawRequest('POST /api/items', ['X-User: ada']));
    expect(paths).toEqual(['/items', '/items']);
  });

  test.each([undefined, 1, 'yes', {}])('rejects a request with %o, which is not true', async (result) => {
    const fixture = await ProxyFixture.start({ authorize: () => result as never });
    expect(await fixture.exchange(get)).toMatchObject({ status: 403 });
  });

  test.each<[string, () => Promise<boolean>]>([
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no database'))],
  ])('that %s goes to the error handler, and nothing is sent', async (_, authorize) => {
    const fixture = await ProxyFixture.start({ authorize }, (app, proxy) => {
      app.use('/api', proxy);
      app.use(
        ((error, _request, response, _next) =>
          void response.status(500).end(error.message)) as import('express').ErrorRequestHandler,
      );
    });
    expect(await fixture.exchange(get)).toMatchObject({ status: 500, body: 'no database' });
    expect(fixture.upstream.arrivals).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', reason: 'authorize' }]);
  });

  test('that reads the body gets an error that says so', async () => {
    const fixture = await ProxyFixture.start({
      authorize: async (request) => {
        for await (const _ of request);
        return true;
      },
    });
    const response = await fixture.exchange(rawRequest('POST /api/items', ['Content-Length: 5'], 'hello'));
    expect([response.status, codeOf(response)]).toEqual([500, 'body_consumed']);
  });

  test('can be slow: the body waits', async () => {
    const fixture = await ProxyFixture.start({
      authorize: () => new Promise((resolve) => setTimeout(resolve, 50, true)),
    });
    const long = 'a'.repeat(200_000);
    await fixture.exchange(rawRequest('POST /api/items', ['Content-Length: 200000'], long));
    expect(fixture.upstream.arrivals).toMatchObject([{ body: long }]);
  });

  test('after a client disconnect sends nothing', async () => {
    let decide = (_: boolean) => {};
    const fixture = await ProxyFixture.start({
      authorize: () =>
        new Promise<boolean>((resolve) => {
          decide = resolve;
        }),
    });
    const client = await fixture.connect();
    const ended = new Promise((resolve) =>
      fixture.server.once('request', (_, response) => response.once('close', resolve)),
    );
    client.send(get);
    await until(() => decide.length === 1 && fixture.server.listenerCount('request') === 1);
    client.destroy();
    await ended;
    decide(true);
    await until(() => fixture.events.length === 1);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted' }]);
    expect(fixture.upstream.tokenRequests).toBe(0);
  });

  test.each([true, false])('may respond itself, completely (%s), whatever it returns', async (isComplete) => {
    const fixture = await ProxyFixture.start({
      authorize: ({ res }) => {
        res?.writeHead(401, { 'Content-Length': 4 });
        res?.write('mine'.slice(0, isComplete ? 4 : 2));
        if (isComplete) res?.end();
        else setTimeout(() => res?.end('ne'), 50);
        return isComplete;
      },
    });
    expect(await fixture.exchange(get)).toMatchObject({ status: 401, body: 'mine' });
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: 401 }]);
    expect(fixture.upstream.tokenRequests).toBe(0);
  });
});

describe('a method that is not allowed', () => {
  test('gets the allowed ones', async () => {
    const fixture = await ProxyFixture.start({
      allow: [
        { methods: ['POST', 'GET'], path: '/items' },
        { methods: ['DELETE'], path: '/**' },
      ],
    });
    const response = await fixture.exchange(rawRequest('PUT /api/items'));
    expect(response).toMatchObject({ status: 405, headers: { allow: 'DELETE, GET, POST' } });
  });
});

describe('a loop', () => {
  test('to the same proxy ends at once', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.exchange(get);
    const via = fixture.upstream.arrivals[0]?.header('via');
    const response = await fixture.exchange(rawRequest('GET /api/items', [`Via: 1.0 other, ${via}`]));
    expect([response.status, codeOf(response)]).toEqual([508, 'loop_detected']);
    expect(fixture.upstream.arrivals).toHaveLength(1);
  });

  test('over two proxies ends', async () => {
    const fixture = await ProxyFixture.start();
    const upstream = fixture.upstream;
    let rounds = 0;
    upstream.script = (arrival, socket) => {
      rounds++;
      const other = ['Via: ', arrival.header('via'), ', 1.1 instellix-proxy-0123456789abcdef'].join('');
      fixture.exchange(rawRequest('GET /api/items', [other])).then(({ raw }) => socket.write(raw, 'latin1'));
    };
    const response = await fixture.exchange(get);
    expect([response.status, rounds]).toEqual([508, 1]);
  });

  test('over many processes ends after a few requests', async () => {
    const fixture = await ProxyFixture.start();
    const hops = Array.from({ length: 8 }, (_, i) => `1.1 instellix-proxy-${String(i).repeat(16)}`).join(', ');
    expect(await fixture.exchange(rawRequest('GET /api/items', [`Via: ${hops}`]))).toMatchObject({ status: 508 });
  });
});

describe('events', () => {
  test('report how each request ended, without its content', async () => {
    const fixture = await ProxyFixture.start({ allow: [{ methods: ['GET'], path: '/items/**' }] });
    await fixture.exchange(rawRequest('GET /api/items/planted-path?q=planted-query', ['Accept: planted-header']));
    await fixture.exchange(rawRequest('GET /api/planted-path'));
    expect(fixture.events).toEqual([
      {
        outcome: 'forwarded',
        status: 200,
        code: undefined,
        method: 'GET',
        rule: '/items/**',
        durationMs: expect.any(Number),
        resent: false,
        error: undefined,
        reason: undefined,
      },
      {
        outcome: 'refused',
        status: 404,
        code: 'not_found',
        method: 'GET',
        rule: undefined,
        durationMs: expect.any(Number),
        resent: false,
        error: undefined,
        reason: undefined,
      },
    ]);
    expect(JSON.stringify(fixture.events)).not.toContain('planted');
  });

  test.each([
    [
      'throwing',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejecting', async () => Promise.reject(new Error('no disk'))],
  ])('with a %s listener change nothing', async (_, onEvent) => {
    const fixture = await ProxyFixture.start({ onEvent });
    expect(await fixture.exchange(get)).toMatchObject({ status: 200 });
    expect(await fixture.exchange(rawRequest('GET /api//'))).toMatchObject({ status: 400 });
  });

  test('report that other middleware has responded when the response of the API arrives', async () => {
    let end = () => {};
    const fixture = await ProxyFixture.start({}, (app, proxy) =>
      app.use(
        '/api',
        (_request, response, next) => {
          next();
          setTimeout(() => response.status(503).write('mi'), 10);
          end = () => void response.end('ne');
        },
        proxy,
      ),
    );
    await fixture.client.getToken();
    fixture.upstream.script = (_, socket) => setTimeout(() => socket.write(rawResponse('200 OK', 'ok')), 60);
    const response = fixture.exchange(get);
    await until(() => fixture.events.length === 1);
    end();
    expect(await response).toMatchObject({ status: 503, body: 'mine', isWhole: true });
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: 503, code: undefined }]);
  });

  test('name the status that other middleware has sent when authorize throws', async () => {
    const authorize = () => {
      throw new Error('on purpose');
    };
    const fixture = await ProxyFixture.start({ authorize }, (app, proxy) =>
      app.use('/api', (_request, response, next) => void next(response.status(202).end('mine') && undefined), proxy),
    );
    expect(await fixture.exchange(get)).toMatchObject({ status: 202 });
    await until(() => fixture.events.length === 1);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', status: 202, reason: 'authorize' }]);
  });

  test('report no status for a caller that left, whatever other code does when its response is closed', async () => {
    let response: ServerResponse | undefined;
    const fixture = await ProxyFixture.start({}, (app, proxy) =>
      app.use(
        '/api',
        (_request, given, next) => {
          response = given;
          next();
        },
        proxy,
      ),
    );
    fixture.upstream.script = () => {};
    const caller = await fixture.connect();
    caller.send(get);
    await until(() => fixture.upstream.arrivals.length === 1);
    response?.on('close', () => response?.writeHead(499).end());
    caller.destroy();
    await until(() => fixture.events.length === 1);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: undefined }]);
  });

  test.each(['/api/items', '/api//', '/api/%2e'])('report that other middleware has responded to %s', async (path) => {
    const fixture = await ProxyFixture.start({}, (app, proxy) =>
      app.use(
        '/api',
        (_request, response, next) => {
          response.status(202).end('mine');
          next();
        },
        proxy,
      ),
    );
    expect(await fixture.exchange(rawRequest(`GET ${path}`))).toMatchObject({ status: 202, body: 'mine' });
    await until(() => fixture.events.length === 1);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: 202 }]);
    expect(fixture.upstream.arrivals).toEqual([]);
  });
});

test.each([
  [
    'throws',
    () => {
      throw undefined;
    },
  ],
  ['rejects', () => Promise.reject()],
])('an authorize that %s without a reason is an error, and no later handler runs', async (_, authorize) => {
  const fixture = await ProxyFixture.start({ authorize }, (app, proxy) => {
    app.use('/api', proxy, (_request, response) => void response.send('served'));
  });
  const response = await fixture.exchange(get);
  expect([response.status, response.body]).toEqual([500, expect.stringContaining('failed without a reason')]);
});

test.each([
  ['Content-Length', '99', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
  ['Transfer-Encoding', 'chunked', rawResponse('200 OK', 'ok')],
])('a %s of earlier middleware does not change the framing of the response', async (name, value, bytes) => {
  const fixture = await ProxyFixture.start({}, (app, proxy) => {
    app.use('/api', (_request, response, next) => next(void response.setHeader(name, value)), proxy);
  });
  fixture.upstream.script = saying(bytes);
  const response = await fixture.exchange(get);
  expect(response).toMatchObject({ status: 200, body: 'ok', isWhole: true, connection: 'open' });
  expect(
    Object.keys(response.headers).filter((each) => /^(?:content-length|transfer-encoding)$/.test(each)),
  ).toHaveLength(1);
});

test('many requests on one connection add no listeners to it', async () => {
  const fixture = await ProxyFixture.start();
  let connection: Socket | undefined;
  fixture.server.on('connection', (socket) => {
    connection = socket;
  });
  const client = await fixture.connect();
  const counts = new Set<number | undefined>();
  for (let sent = 0; sent < 3; sent++) {
    client.send(get);
    expect(await client.readResponse()).toMatchObject({ status: 200 });
    counts.add(connection?.listenerCount('close'));
  }
  expect(counts.size).toBe(1);
});

describe('a client of other code', () => {
  /** Serves a proxy whose client has some replaced methods. */
  async function serveWith(change: Partial<InstellixClient>): Promise<ProxyFixture> {
    const fixture = await ProxyFixture.start({}, () => {});
    const client = { ...fixture.client, peekToken: () => undefined, ...change };
    await fixture.proxy?.close();
    fixture.proxy = instellixProxy(client, {
      allow: everything,
      mountPath: '/api',
      onEvent: (event) => void fixture.events.push(event),
    });
    const handler = fixture.proxy as unknown as RequestListener;
    fixture.server.removeAllListeners('request').on('request', handler);
    return fixture;
  }

  test('that ignores the signal sends no request after a client disconnect', async () => {
    let obtain = () => {};
    const fixture = await serveWith({
      getToken: () =>
        new Promise((resolve) => {
          obtain = () => resolve({ value: 'late', obtainedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER });
        }),
    });
    const caller = await fixture.connect();
    const before = obtain;
    caller.send(get);
    await until(() => obtain !== before);
    caller.destroy();
    await until(() => fixture.events.length === 1);
    obtain();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fixture.upstream.arrivals).toEqual([]);
    expect(fixture.events).toMatchObject([{ outcome: 'aborted', status: undefined }]);
  });

  test('that rejects with null causes a 502', async () => {
    const fixture = await serveWith({ getToken: () => Promise.reject(null) });
    const response = await fixture.exchange(get);
    expect([response.status, codeOf(response)]).toEqual([502, 'upstream_failed']);
    expect(fixture.events).toMatchObject([{ outcome: 'failed', code: 'upstream_failed' }]);
  });
});

describe('disposing', () => {
  test('lets requests in progress finish, and rejects later ones', async () => {
    const authorize = vi.fn(() => true);
    const fixture = await ProxyFixture.start({ authorize });
    let respond = () => {};
    fixture.upstream.script = (_, socket) => {
      respond = () => void socket.write(rawResponse('200 OK', 'late'));
    };
    const underWay = fixture.exchange(get);
    await until(() => fixture.upstream.arrivals.length === 1);
    const disposed = fixture.proxy?.close();
    const later = await fixture.exchange(get);
    expect([later.status, codeOf(later)]).toEqual([503, 'client_closed']);
    expect(authorize).toHaveBeenCalledOnce();
    respond();
    expect(await underWay).toMatchObject({ status: 200, body: 'late' });
    await disposed;
    await until(() => fixture.upstream.connections.slice(1).every((socket) => socket.destroyed));
    await fixture.proxy?.close();
    expect(await fixture.client.getToken()).toBeDefined();
  });

  test('ends requests that have not finished within ten seconds', async () => {
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = () => {};
    const underWay = fixture.exchange(get);
    await until(() => fixture.upstream.arrivals.length === 1);
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const disposed = fixture.proxy?.close();
    vi.advanceTimersByTime(9_999);
    await new Promise(setImmediate);
    expect(fixture.upstream.connections.some((socket) => !socket.destroyed)).toBe(true);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await disposed;
    expect(await underWay).toMatchObject({ status: 503 });
    expect(fixture.events).toMatchObject([{ outcome: 'failed', code: 'client_closed' }]);
    await until(() => fixture.upstream.connections.slice(1).every((socket) => socket.destroyed));
  });

  test('rejects a request while authorize is pending', async () => {
    let allow = () => {};
    const before = allow;
    const fixture = await ProxyFixture.start({
      authorize: () =>
        new Promise((resolve) => {
          allow = () => resolve(true);
        }),
    });
    const undecided = fixture.exchange(get);
    await until(() => allow !== before);
    await fixture.proxy?.close();
    allow();
    const response = await undecided;
    expect([response.status, codeOf(response)]).toEqual([503, 'client_closed']);
    expect(fixture.events).toMatchObject([{ outcome: 'refused', status: 503, code: 'client_closed' }]);
  });

  test.each([0, 1])('waits for the rest of several requests after request %i of two has ended', async (first) => {
    const fixture = await ProxyFixture.start();
    const finish: (() => void)[] = [];
    fixture.upstream.script = (_, socket) => {
      finish.push(() => void socket.write(rawResponse('200 OK', 'late')));
    };
    const responses: Promise<unknown>[] = [];
    for (const count of [1, 2]) {
      responses.push(fixture.exchange(get));
      await until(() => finish.length === count);
    }
    let isClosed = false;
    const closed = fixture.proxy?.close().then(() => {
      isClosed = true;
    });
    finish[first]?.();
    expect(await responses[first]).toMatchObject({ status: 200, body: 'late' });
    expect(isClosed).toBe(false);
    finish[1 - first]?.();
    expect(await responses[1 - first]).toMatchObject({ status: 200, body: 'late' });
    await closed;
  });

  test('of an idle proxy ends at once, and ends its connections to the API', async () => {
    const fixture = await ProxyFixture.start();
    await fixture.exchange(get);
    await fixture.proxy?.close();
    expect(fixture.upstream.arrivals).toHaveLength(1);
    // Sooner than undici closes connections that are not used. The first one is that of the token request.
    await vi.waitFor(() => expect(fixture.upstream.connections[1]?.destroyed).toBe(true), { timeout: 2_000 });
  });
});

describe('more headers', () => {
  test('are dropped on request', async () => {
    const fixture = await ProxyFixture.start({ responseHeaders: { drop: ['Server', 'x-internal'] } });
    fixture.upstream.script = saying(rawResponse('200 OK', 'ok', 'Server: nginx', 'X-Internal: a', 'X-Public: b'));
    const { headers } = await fixture.exchange(get);
    expect(headers).toMatchObject({ 'x-public': 'b' });
    expect([headers['server'], headers['x-internal']]).toEqual([undefined, undefined]);
  });
});
