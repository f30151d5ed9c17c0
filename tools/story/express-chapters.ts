import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { InstellixClient } from '@instellix/core';
import { startEmulator } from '@instellix/emulator';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
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
  app.get('/health', instellixHealth({ client }));
  app.get('/customers', instellix(client), async (request, response) => {
    response.json(await (await request.instellix.fetch('/customers')).json());
  });
  app.use(instellixErrorHandler());
  return app;
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
