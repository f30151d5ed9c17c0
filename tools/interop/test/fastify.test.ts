import { request } from 'node:http';
import type { InstellixClient } from '@instellix/core';
import { findGatewayFailure } from '@instellix/core/adapter';
import Fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { reasonsOf, startFixture } from '../src/start-fixture.ts';

/** A service as `docs/clients.md` shows it. */
async function startService(client: InstellixClient): Promise<string> {
  const app = Fastify();
  app.addHook('onClose', () => client.close());
  app.setErrorHandler((error, _, reply) => {
    const { status = 500, code = 'failed', headers = {} } = findGatewayFailure(error) ?? {};
    return reply.code(status).headers(headers).send({ code });
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/customers',
    async handler({ method, body }, reply) {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const headers = { 'content-type': 'application/json' };
      const init = method === 'POST' ? { method, headers, body: JSON.stringify(body) } : {};
      const response = await client.fetch('/customers', { ...init, signal: gone.signal });
      return reply.code(response.status).type('application/json').send(response.body);
    },
  });
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

test('a Fastify service resends a POST after a revocation', { timeout: 15_000 }, async () => {
  const { client, emulator } = await startFixture();
  const url = await startService(client);
  expect(await (await fetch(`${url}/customers`)).json()).toHaveProperty('customers.0.name', 'Ada Lovelace');
  await emulator.tokens.revokeAll();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ name: 'Katherine Johnson' });
  const response = await fetch(`${url}/customers`, { method: 'POST', headers, body });
  expect([response.status, await response.json()]).toMatchObject([201, { name: 'Katherine Johnson' }]);
  expect(await reasonsOf(emulator)).toEqual(['issued', 'ok', 'token_revoked', 'issued', 'created']);
});

test('a Fastify service ends its call when its own caller disconnects', { timeout: 15_000 }, async () => {
  const ended: unknown[] = [];
  const recording: typeof fetch = (input, init) =>
    fetch(input, init).catch((error: Error) => {
      ended.push(error.name);
      throw error;
    });
  const { client, emulator } = await startFixture({ fetch: recording });
  const url = await startService(client);
  await emulator.faults.add({ on: 'GET /customers', socket: 'hang' });
  const call = request(`${url}/customers`).on('error', () => {});
  call.end();
  await emulator.requests.waitFor({ reason: 'fault' });
  call.destroy();
  await expect.poll(() => ended).toEqual(['AbortError']);
});

test('a Fastify service responds with 503 after its client is closed', { timeout: 15_000 }, async () => {
  const { client } = await startFixture();
  const url = await startService(client);
  await client.close();
  const response = await fetch(`${url}/customers`);
  expect([response.status, await response.json()]).toEqual([503, { code: 'client_closed' }]);
});
