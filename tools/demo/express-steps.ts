import assert from 'node:assert/strict';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { InstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
import { instellixProxy } from '@instellix/express-middleware/proxy';
import { until } from '@instellix/testing';
import { startService } from '@instellix/testing/servers';
import express, { type Express } from 'express';
import type { Step } from './step.ts';

/** An Express application on a free port. */
async function serve(app: Express): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A service with a handler that lists customers. */
function createService(client: InstellixClient): Express {
  const app = express();
  app.get('/health', instellixHealth(client));
  app.get('/customers', instellix(client), async (request, response) => {
    response.json(await (await request.instellix.fetch('/customers')).json());
  });
  app.use(instellixErrorHandler());
  return app;
}

/** Sends a request target as it is. `fetch` would normalise it. */
function statusOf(origin: string, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    get({ hostname, port, method, path, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

/** The steps of Express services. */
export const expressSteps: readonly Step[] = [
  {
    title: 'An Express service without a token responds with 503 and Retry-After, not with 401',
    proves: 'The callers of a service learn when to retry. A 401 would say that their own credentials are wrong.',
    async run({ connectTo, createClient, emulator }) {
      const { client: earlier, clientId, clientSecret } = await createClient(['reader']);
      await earlier.getToken();
      const client = connectTo(emulator, { clientId, clientSecret, tokenRequest: { maxWaitMs: 500 } });
      await using service = await serve(createService(client));
      const response = await fetch(`${service.origin}/customers`);
      const { code } = (await response.json()) as { code: string };
      const retryAfter = response.headers.get('retry-after');
      assert.deepEqual([response.status, code], [503, 'token_request_throttled']);
      assert.ok(Number(retryAfter) >= 1);
      assert.equal(await emulator.requests.count({ clientId, reason: 'throttled' }), 1);
      const health = await fetch(`${service.origin}/health`);
      assert.equal(health.status, 503);
      return `The vendor throttled the service with a 401; its caller got ${response.status}, \`${code}\`, Retry-After: ${retryAfter}; its health check returned ${health.status}.`;
    },
  },
  {
    title: 'The proxy forwards only what is allowed',
    proves: 'Callers of a service reach the allowed part of the API, and no spelling of a path leads to another part.',
    async run({ createClient, emulator }) {
      const { client, clientId } = await createClient(['reader', 'writer']);
      await using proxy = instellixProxy(client, { allow: [{ methods: ['GET'], path: '/customers', query: [] }] });
      await using service = await serve(express().use('/proxy', proxy));
      const response = await fetch(`${service.origin}/proxy/customers`, {
        headers: { authorization: 'Bearer forged' },
      });
      const { customers } = (await response.json()) as { customers: unknown[] };
      assert.equal(response.status, 200);
      assert.ok(Array.isArray(customers));
      const refused: string[] = [];
      for (const [method, path] of [
        ['POST', '/proxy/customers'],
        ['GET', '/proxy/some-resource'],
        ['GET', '/proxy/customers/../some-resource'],
        ['GET', '/proxy/customers/%2e%2e/some-resource'],
        ['GET', '/proxy//127.0.0.1/customers'],
        ['GET', '/proxy/Customers'],
        ['GET', '/proxy/customers?all=1'],
      ] as const) {
        const status = await statusOf(service.origin, method, path);
        assert.ok(status && status >= 400 && status < 500, `${method} ${path} returned ${status}`);
        refused.push(String(status));
      }
      const log = await emulator.requests.list({ clientId });
      assert.deepEqual(
        log.map(({ endpoint }) => endpoint),
        ['token', 'GET /customers'],
      );
      return `GET /proxy/customers: 200, with the service's token instead of the caller's; 7 other targets: ${refused.join(', ')}; the API received one call.`;
    },
  },
  {
    title: 'The sample Express service runs, and shuts down without losing a request',
    proves: 'apps/express-api needs nothing but its variables, and a deployment loses no request.',
    async run() {
      await using emulator = await startEmulator();
      const script = fileURLToPath(new URL('../../apps/express-api/src/main.ts', import.meta.url));
      const env = { ...emulator.env, PARTNER_KEY: 'the-key-of-a-partner' };
      await using service = await startService({ args: [script], env, readyPath: '/health' });
      const health = await fetch(`${service.url}/health`);
      assert.equal(health.status, 200);
      const slow = await emulator.faults.add({ on: 'GET /customers', delayMs: 500 });
      const pending = fetch(`${service.url}/customers`);
      await until(() => slow.hits > 0);
      const stopped = service.stop();
      const response = await pending;
      assert.equal(response.status, 200);
      assert.equal(await stopped, 0);
      return `Health ${health.status}; SIGTERM during a request: the request returned ${response.status}, then the service ended with 0.`;
    },
  },
];
