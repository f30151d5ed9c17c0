import { AsyncLocalStorage } from 'node:async_hooks';
import { until } from '@instellix/testing';
import type { Express, RequestHandler } from 'express';
import { expect, test } from 'vitest';
import type { InstellixProxy } from '../../src/proxy/instellix-proxy.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, type Script, saying } from './scripted-upstream.ts';

const users = new AsyncLocalStorage<unknown>();
/** In whose context each part of a response was written. */
let written: unknown[] = [];

/** Middleware that looks up its user whenever something is written, as loggers and tracers do. */
const recordUsers: RequestHandler = (request, response, next) => {
  const { write, writeHead } = response;
  response.writeHead = ((...head: Parameters<typeof writeHead>) => {
    written.push(users.getStore());
    return writeHead.apply(response, head);
  }) as typeof writeHead;
  response.write = ((...chunk: Parameters<typeof write>) => {
    written.push(users.getStore());
    return write.apply(response, chunk);
  }) as typeof write;
  users.run(request.headers['x-user'], next);
};

const mount = (app: Express, proxy: InstellixProxy) => app.use(recordUsers).use('/api', proxy);
const post = (user: string, length: number, body = '') =>
  rawRequest('POST /api/items', [`X-User: ${user}`, `Content-Length: ${length}`], body);

test.each<[string, string, Script]>([
  ['with a response', post('bob', 2, 'hi'), saying(rawResponse('200 OK', 'ok'))],
  ['with a refusal', post('bob', 2, 'hi'), saying(rawResponse('407 No', ''))],
  ['with a broken connection', post('bob', 2, 'hi'), (_, socket) => void socket.destroy()],
  ['without a response', post('bob', 2, 'hi'), () => {}],
])('a request %s is responded to in its own asynchronous context', async (_, bytes, script) => {
  const fixture = await ProxyFixture.start({ maxBodyBytes: 10, timeouts: { headersMs: 200 } }, mount);
  // It opens the connection to the API.
  expect(await fixture.exchange(post('alice', 2, 'hi'))).toMatchObject({ status: 200 });
  fixture.upstream.script = script;
  written = [];
  await fixture.exchange(bytes);
  expect(new Set(written)).toEqual(new Set(['bob']));
});

test.each([
  ['gets no response', '0\r\n\r\n', 504],
  ['becomes too long', '6\r\nhello!\r\n0\r\n\r\n', 413],
])(
  'a body that arrives in parts and %s is refused in the asynchronous context of its request',
  async (_, rest, status) => {
    const fixture = await ProxyFixture.start({ maxBodyBytes: 10, timeouts: { headersMs: 100 } }, mount);
    fixture.upstream.script = () => {};
    const client = await fixture.connect();
    client.send(rawRequest('POST /api/items', ['X-User: bob', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n'));
    await until(() => fixture.upstream.arrivals[0]?.body === 'hello');
    written = [];
    client.send(rest);
    expect(await client.readResponse()).toMatchObject({ status });
    expect(new Set(written)).toEqual(new Set(['bob']));
  },
);
