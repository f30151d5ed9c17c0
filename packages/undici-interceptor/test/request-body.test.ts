import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { instellixInterceptor, type UndiciInterceptorOptions } from '../src/index.ts';
import { post, setUpRevoked } from './set-up.ts';
import { undicis } from './undicis.ts';

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
    const { api, dispatcher } = await setUpRevoked(undici);
    const response = await dispatcher.request(post(api, create()));
    expect([response.statusCode, await response.body.text()]).toEqual([200, `POST ${sent}`]);
    expect(api.requests.map(({ body, headers }) => [body, headers.authorization])).toEqual([
      [sent, 'Bearer planted-token-1'],
      [sent, 'Bearer planted-token-2'],
    ]);
  });

  test('resends FormData', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    const form = new undici.FormData();
    form.set('name', 'Ada');
    const response = await dispatcher.request(post(api, form));
    expect(response.statusCode).toBe(200);
    await response.body.dump();
    expect(api.requests.map(({ body }) => body.includes('name="name"\r\n\r\nAda\r\n'))).toEqual([true, true]);
    expect(api.requests[1]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  });

  test.each<[string, () => BodyInit]>([
    ['a string', () => 'name=Ada'],
    ['URLSearchParams', () => new URLSearchParams({ name: 'Ada' })],
    ['a Blob', () => new Blob(['name=Ada'])],
    ['a stream of less than 64 KiB', () => new Blob(['name=Ada']).stream()],
  ])('resends a body of fetch that is %s', async (_, create) => {
    const { api, dispatcher } = await setUpRevoked(undici);
    const init = { method: 'POST', body: create(), duplex: 'half', dispatcher };
    const response = await undici.fetch(`${api.origin}/api/echo`, init as never);
    expect([response.status, await response.text()]).toEqual([200, 'POST name=Ada']);
    expect(api.requests.map(({ body }) => body)).toEqual(['name=Ada', 'name=Ada']);
  });

  test.each<[string, () => unknown, UndiciInterceptorOptions]>([
    ['a stream of Node', () => Readable.from(['once ', 'only']), {}],
    ['a web stream', () => new Blob(['once only']).stream(), {}],
    ['an iterable, with resendBodyBytes 0', () => ['once ', 'only'], { resendBodyBytes: 0 }],
    ['an iterable longer than resendBodyBytes', () => ['once ', 'only'], { resendBodyBytes: 8 }],
  ])('returns the 401 for %s, and refreshes the token for the next call', async (_, create, options) => {
    const { api, dispatcher } = await setUpRevoked(undici, options);
    const response = await dispatcher.request(post(api, create()));
    expect([response.statusCode, await response.body.text()]).toEqual([401, 'unknown token']);
    const next = await dispatcher.request(post(api, create()));
    expect(next.statusCode).toBe(200);
    await next.body.dump();
    expect(api.summary()).toEqual([
      'POST /api/echo Bearer planted-token-1 once only',
      'POST /api/echo Bearer planted-token-2 once only',
    ]);
  });

  test('destroys a stream that is not sent', async () => {
    const { api, dispatcher } = await setUpRevoked(undici);
    await api.client.close();
    const body = createReadStream(import.meta.filename);
    await expect(dispatcher.request(post(api, body))).rejects.toMatchObject({ code: 'client_closed' });
    expect(body.destroyed).toBe(true);
  });

  test('returns a 401 that arrives before the body has been sent', async () => {
    const { api } = await setUpRevoked(undici);
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
    const { api, dispatcher } = await setUpRevoked(undici);
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
});
