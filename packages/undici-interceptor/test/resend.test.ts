import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { inspect } from 'node:util';
import { type AccessToken, type GetTokenOptions, RequestRefusedError } from '@instellix/core';
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

const fits = 'x'.repeat(65_536);

describe.each(undicis)('$name', ({ undici }) => {
  test.each<[string, () => unknown, string]>([
    ['a string', () => 'Grüße', 'Grüße'],
    ['a buffer', () => Buffer.from('Grüße'), 'Grüße'],
    ['a typed array', () => new TextEncoder().encode('Grüße'), 'Grüße'],
    ['a Blob', () => new Blob(['Grü', 'ße']), 'Grüße'],
    ['an array', () => [Buffer.from('Grü'), 'ße'], 'Grüße'],
    [
      'a generator',
      function* () {
        yield 'Grü';
        yield Buffer.from('ße');
      },
      'Grüße',
    ],
    [
      'an async generator of 64 KiB',
      async function* () {
        yield fits.slice(1);
        yield 'x';
      },
      fits,
    ],
    ['nothing', () => null, ''],
  ])('resends a body that is %s', async (_, create, sent) => {
    const { api, dispatcher } = await setUp(undici);
    const response = await dispatcher.request(post(api, create()));
    expect([response.statusCode, await response.body.text()]).toEqual([200, `POST ${sent}`]);
    expect(api.arrivals.map(({ body, authorization }) => [body, authorization])).toEqual([
      [sent, 'Bearer token-1'],
      [sent, 'Bearer token-2'],
    ]);
  });

  test('resends FormData', async () => {
    const { api, dispatcher } = await setUp(undici);
    const form = new undici.FormData();
    form.set('name', 'Ada');
    const response = await dispatcher.request(post(api, form));
    expect(response.statusCode).toBe(200);
    await response.body.dump();
    expect(api.arrivals.map(({ body }) => body.includes('name="name"\r\n\r\nAda\r\n'))).toEqual([true, true]);
    expect(api.arrivals[1]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  });

  test.each<[string, () => BodyInit]>([
    ['a string', () => 'name=Ada'],
    ['URLSearchParams', () => new URLSearchParams({ name: 'Ada' })],
    ['a Blob', () => new Blob(['name=Ada'])],
    ['a stream of less than 64 KiB', () => new Blob(['name=Ada']).stream()],
  ])('resends a body of fetch that is %s', async (_, create) => {
    const { api, dispatcher } = await setUp(undici);
    const init = { method: 'POST', body: create(), duplex: 'half', dispatcher };
    const response = await undici.fetch(`${api.origin}/api/echo`, init as never);
    expect([response.status, await response.text()]).toEqual([200, 'POST name=Ada']);
    expect(api.arrivals.map(({ body }) => body)).toEqual(['name=Ada', 'name=Ada']);
  });

  test.each<[string, () => unknown, UndiciInterceptorOptions]>([
    ['a stream of Node', () => Readable.from(['once ', 'only']), {}],
    ['a web stream', () => new Blob(['once only']).stream(), {}],
    ['an iterable, with resendBodyBytes 0', () => ['once ', 'only'], { resendBodyBytes: 0 }],
    ['an iterable longer than resendBodyBytes', () => ['once ', 'only'], { resendBodyBytes: 8 }],
  ])('returns the 401 for %s, and refreshes the token for the next call', async (_, create, options) => {
    const { api, dispatcher } = await setUp(undici, options);
    const response = await dispatcher.request(post(api, create()));
    expect([response.statusCode, await response.body.text()]).toEqual([401, 'unknown token']);
    const next = await dispatcher.request(post(api, create()));
    expect(next.statusCode).toBe(200);
    await next.body.dump();
    expect(api.summary()).toEqual([
      'POST /api/echo Bearer token-1 once only',
      'POST /api/echo Bearer token-2 once only',
    ]);
  });

  test('destroys a stream that is not sent', async () => {
    const { api, dispatcher } = await setUp(undici);
    await api.client.close();
    const body = createReadStream(import.meta.filename);
    await expect(dispatcher.request(post(api, body))).rejects.toMatchObject({ code: 'client_closed' });
    expect(body.destroyed).toBe(true);
  });

  test('returns a 401 that arrives before the body has been sent', async () => {
    const { api } = await setUp(undici);
    const server = createServer((_, response) => response.writeHead(401).end('too early'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const environment = { ...api.client.environment, apiUrl: new URL(origin) };
    const agent = new undici.Agent();
    onTestFinished(() => agent.destroy());
    const dispatcher = agent.compose(instellixInterceptor({ ...api.client, environment }));
    let finish = () => {};
    async function* body() {
      yield 'first';
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      yield 'second';
    }
    const response = await dispatcher.request({ origin, path: '/', method: 'POST', body: body() as never });
    expect(response.statusCode).toBe(401);
    response.body.on('error', () => {}).destroy();
    finish();
  });

  test('serves dispatcher.pipeline, whose body is a stream', async () => {
    const { api, dispatcher } = await setUp(undici);
    const call = async () => {
      let status = 0;
      const duplex = dispatcher.pipeline(post(api, undefined), ({ statusCode, body }) => {
        status = statusCode;
        return body;
      });
      const chunks: Buffer[] = [];
      const sink = new Writable({
        write(chunk, _, done) {
          chunks.push(chunk);
          done();
        },
      });
      await pipeline(Readable.from(['once ', 'only']), duplex, sink);
      return [status, Buffer.concat(chunks).toString()];
    };
    expect(await call()).toEqual([401, 'unknown token']);
    expect(await call()).toEqual([200, 'POST once only']);
  });

  test('resends over the same connection', async () => {
    const { api, dispatcher } = await setUp(undici);
    const ports = new Set<number | undefined>();
    api.routes['/api/port'] = (request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(request.headers.authorization === 'Bearer token-2' ? 200 : 401);
      response.end('a short body');
    };
    const { statusCode, body } = await dispatcher.request({ origin: api.origin, path: '/api/port', method: 'GET' });
    await body.dump();
    expect([statusCode, ports.size, api.arrivals.length]).toEqual([200, 1, 2]);
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
    const { api, dispatcher } = await setUp(undici);
    api.routes['/api/slow'] = (request, response) => {
      if (request.headers.authorization === 'Bearer token-2') return response.writeHead(200).end('complete');
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
    const { api } = await setUp(undici);
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
    expect([streamed, api.arrivals.length]).toEqual([length, 3]);
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
    const { api, dispatcher } = await setUp(undici);
    let written = 0;
    api.routes['/api/large'] = (request, response) => {
      if (request.headers.authorization !== 'Bearer token-2') return response.writeHead(401).end();
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
  }, 30_000);

  test('holds little of a long 401 while it waits for the token', async () => {
    const { api, dispatcher } = await setUp(undici);
    let written = 0;
    api.routes['/api/large'] = (request, response) => {
      if (request.headers.authorization === 'Bearer token-2') return response.writeHead(200).end('complete');
      const chunks = (function* () {
        for (; written < 200; written++) yield Buffer.alloc(1_000_000);
      })();
      return Readable.from(chunks).pipe(response.writeHead(401));
    };
    api.tokenGate = new Promise((resolve) => setTimeout(resolve, 300));
    const { statusCode, body } = await dispatcher.request({ origin: api.origin, path: '/api/large', method: 'GET' });
    expect([statusCode, await body.text()]).toEqual([200, 'complete']);
    expect(written).toBeLessThan(50);
  });

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
