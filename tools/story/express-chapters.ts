import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { InstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
import { instellixProxy } from '@instellix/express-middleware/proxy';
import express, { type Express } from 'express';
import type { Chapter } from './chapters.ts';

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

/** Asks for a target as it is written; `fetch` would tidy it up. */
function statusOf(origin: string, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    get({ hostname, port, method, path, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    }).on('error', reject);
  });
}

/** Chapters of services that are built with Express. */
export const expressChapters: readonly Chapter[] = [
  {
    title: 'An Express service answers 503 with Retry-After, not 401, when it gets no token',
    proves:
      'The callers of a service are told when to come back; never that they lack rights, which only the service lacks.',
    async run({ cast, createClient, emulator }) {
      const { client: earlier, clientId, clientSecret } = await cast(['reader']);
      await earlier.getToken();
      const client = createClient(emulator, { clientId, clientSecret, tokenRequest: { maxWaitMs: 500 } });
      await using service = await serve(createService(client));
      const answer = await fetch(`${service.origin}/customers`);
      const { code } = (await answer.json()) as { code: string };
      const retryAfter = answer.headers.get('retry-after');
      assert.deepEqual([answer.status, code], [503, 'token_request_throttled']);
      assert.ok(Number(retryAfter) >= 1);
      assert.equal(await emulator.requests.count({ clientId, reason: 'throttled' }), 1);
      const health = await fetch(`${service.origin}/health`);
      assert.equal(health.status, 503);
      return `The vendor throttled the service with a 401; its caller got ${answer.status}, \`${code}\`, Retry-After: ${retryAfter}; its health check ${health.status}.`;
    },
  },
  {
    title: 'The guarded proxy lends exactly what is allowed',
    proves:
      'Callers of a service reach the piece of the API that it lends them, and no way of writing leads to another.',
    async run({ cast, emulator }) {
      const { client, clientId } = await cast(['reader', 'writer']);
      await using proxy = instellixProxy(client, { allow: [{ methods: ['GET'], path: '/customers', query: [] }] });
      await using service = await serve(express().use('/lent', proxy));
      const answer = await fetch(`${service.origin}/lent/customers`, { headers: { authorization: 'Bearer forged' } });
      const { customers } = (await answer.json()) as { customers: unknown[] };
      assert.equal(answer.status, 200);
      assert.ok(Array.isArray(customers));
      const refused: string[] = [];
      for (const [method, path] of [
        ['POST', '/lent/customers'],
        ['GET', '/lent/some-resource'],
        ['GET', '/lent/customers/../some-resource'],
        ['GET', '/lent/customers/%2e%2e/some-resource'],
        ['GET', '/lent//127.0.0.1/customers'],
        ['GET', '/lent/Customers'],
        ['GET', '/lent/customers?all=1'],
      ] as const) {
        const status = await statusOf(service.origin, method, path);
        assert.ok(status && status >= 400 && status < 500, `${method} ${path} was answered ${status}`);
        refused.push(String(status));
      }
      const journal = await emulator.requests.list({ clientId });
      assert.deepEqual(
        journal.map(({ endpoint }) => endpoint),
        ['token', 'GET /customers'],
      );
      return `GET /lent/customers: 200, with the service's token for the caller's; 7 other targets: ${refused.join(', ')}; the journal shows one call.`;
    },
  },
  {
    title: 'The Express service does its work and ends in order',
    proves:
      'What a user writes runs as it stands: apps/express-api, configured by variables alone; a deployment loses no request.',
    async run() {
      await using emulator = await startEmulator();
      const script = fileURLToPath(new URL('../../apps/express-api/src/main.ts', import.meta.url));
      const child = spawn(process.execPath, [script], {
        env: { ...process.env, ...emulator.env, PORT: '0', PARTNER_KEY: 'the-key-of-a-partner' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
        const origin = line.replace('Listening on ', '');
        const health = await fetch(`${origin}/health`);
        assert.equal(health.status, 200);
        const slow = await emulator.faults.add({ on: 'GET /customers', delayMs: 500 });
        const underWay = fetch(`${origin}/customers`);
        while (slow.hits === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        const closed = once(child, 'close');
        child.kill('SIGTERM');
        const answer = await underWay;
        assert.equal(answer.status, 200);
        assert.equal((await closed)[0], 0);
        return `Health ${health.status}; SIGTERM in the middle of a request: it was answered ${answer.status}, then the service ended with 0.`;
      } finally {
        child.kill('SIGKILL');
      }
    },
  },
];
