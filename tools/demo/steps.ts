import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createInstellixAxios } from '@instellix/axios-interceptor';
import { findInstellixError, isInstellixError, type TokenEvent } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { isAxiosError } from 'axios';
import { expressSteps } from './express-steps.ts';
import { nestjsSteps } from './nestjs-steps.ts';
import type { Step } from './step.ts';

const throttleMs = 5_000;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

async function countTokenRequests(emulator: Emulator, clientId: string): Promise<number> {
  return emulator.requests.count({ endpoint: 'token', clientId });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail('the call was expected to fail'),
    (reason: unknown) => reason,
  );
  const found = findInstellixError(error);
  if (found) return found.code;
  throw error;
}

export const steps: readonly Step[] = [
  {
    title: 'The first call fetches a token',
    proves: 'A credential is enough: users write no token request.',
    async run({ createClient, emulator }) {
      const { api, clientId } = await createClient(['reader']);
      const response = await api.get('/customers');
      assert.equal(response.status, 200);
      assert.equal(await countTokenRequests(emulator, clientId), 1);
      return 'axios.get /customers returned 200; the request log shows 1 token request before it.';
    },
  },
  {
    title: '1,000 concurrent calls share one token request',
    proves: 'A cold start causes no stampede. The vendor would respond with 401.',
    isBusy: true,
    async run({ createClient, emulator }) {
      const { api, clientId } = await createClient(['reader']);
      const responses = await Promise.all(Array.from({ length: 1_000 }, () => api.get('/customers')));
      assert.ok(responses.every(({ status }) => status === 200));
      const count = await countTokenRequests(emulator, clientId);
      assert.equal(count, 1);
      return `1,000 calls of a client without a token: 1,000 times 200, ${count} token request.`;
    },
  },
  {
    title: 'The token is reused',
    proves: 'A call with a fresh token needs no token request and no wait.',
    async run({ createClient, emulator }) {
      const { client, clientId } = await createClient(['reader']);
      const first = await client.getToken();
      for (let call = 0; call < 100; call++) assert.equal((await client.getToken()).value, first.value);
      assert.equal(await countTokenRequests(emulator, clientId), 1);
      return '100 more calls, one after the other: the same token, no further token request.';
    },
  },
  {
    title: 'The token is refreshed in the background before it expires',
    proves: 'Callers do not notice an expiry: no call waits, no call fails.',
    async run({ connectTo }) {
      await using emulator = await startEmulator({ tokenTtlSeconds: 10 });
      const { clientId, clientSecret } = emulator;
      // Earlier than by default: little of such a short lifetime is left when the interval has passed.
      const client = connectTo(emulator, { clientId, clientSecret, refresh: { atFraction: 0.6 } });
      const first = await client.getToken();
      const values = new Set<string>();
      let calls = 0;
      for (const end = Date.now() + 12_000; Date.now() < end; calls++) {
        const token = client.peekToken();
        assert.ok(token, 'a call would have had to wait');
        const response = await client.fetch('/some-resource');
        response.body?.cancel().catch(() => {});
        assert.equal(response.status, 200);
        values.add(token.value);
        await sleep(20);
      }
      const requests = await countTokenRequests(emulator, clientId);
      assert.equal(requests, values.size);
      assert.ok(values.size > 1 && values.has(first.value));
      return `${calls} calls in 12 s with tokens that live 10 s: ${requests} token requests, 0 calls failed, 0 had to wait.`;
    },
  },
  {
    title: 'A revoked token costs one refresh and one resend',
    proves: 'A 401 of the API does not reach the caller when a new token is accepted.',
    async run({ connectTo }) {
      await using emulator = await startEmulator();
      const { clientId, clientSecret } = emulator;
      const client = connectTo(emulator, { clientId, clientSecret });
      await client.getToken();
      await emulator.tokens.revokeAll();
      const startedAt = Date.now();
      const response = await createInstellixAxios(client).post('/customers', { name: 'Ada' });
      assert.equal(response.status, 201);
      const log = await emulator.requests.list({ clientId });
      assert.deepEqual(
        log.map(({ reason }) => reason),
        ['issued', 'token_revoked', 'issued', 'created'],
      );
      return `axios.post /customers with a revoked token: 401, one refresh (after ${seconds(Date.now() - startedAt)}, because of the throttle), one resend, 201.`;
    },
  },
  {
    title: 'The client waits for the 5 s throttle, and explains it',
    proves: 'The client recognises a 401 for correct credentials. The caller gets a token, not an error.',
    async run({ connectTo, createClient, emulator }) {
      const { clientId, clientSecret } = await createClient(['reader']);
      const earlier = connectTo(emulator, { clientId, clientSecret });
      await earlier.getToken();
      const events: TokenEvent[] = [];
      const later = connectTo(emulator, { clientId, clientSecret, onEvent: (event) => events.push(event) });
      const startedAt = Date.now();
      await later.getToken();
      const throttled = await emulator.requests.count({ clientId, reason: 'throttled' });
      assert.equal(throttled, 1);
      const failure = events.find(({ type }) => type === 'token_request_failed');
      assert.ok(failure?.type === 'token_request_failed' && failure.code === 'token_request_throttled');
      return `A second client without a shared store requested a token within 5 s: 401, event \`${failure.code}\`, retried after ${seconds(failure.retryInMs ?? 0)}, token after ${seconds(Date.now() - startedAt)}.`;
    },
  },
  {
    title: 'A wrong secret is distinguished from the throttle',
    proves: 'Two 401s with a full window between them are not the throttle, and the error says so.',
    async run({ connectTo, createClient, emulator }) {
      const { clientId } = await createClient(['reader']);
      const client = connectTo(emulator, { clientId, clientSecret: 'not-the-secret' });
      const startedAt = Date.now();
      const code = await codeOf(client.getToken());
      assert.equal(code, 'credentials_rejected');
      assert.ok(Date.now() - startedAt >= throttleMs);
      assert.equal(await codeOf(client.getToken()), code);
      const requests = await countTokenRequests(emulator, clientId);
      assert.equal(requests, 2);
      return `\`${code}\` after ${requests} token requests a full window apart. The next call: the same error, without a request.`;
    },
  },
  {
    title: 'A 403 names the missing access right',
    proves: 'The error says which scope is missing. A new token would not help, so none is requested.',
    async run({ createClient, emulator }) {
      const { api, clientId } = await createClient(['reader']);
      const error: unknown = await api.post('/customers', { name: 'Ada' }).catch((reason: unknown) => reason);
      assert.ok(isAxiosError(error) && error.status === 403);
      const refusal = error.cause;
      assert.ok(isInstellixError(refusal) && refusal.code === 'insufficient_scope');
      assert.equal(refusal.requiredScope, 'customers:write');
      assert.equal(await countTokenRequests(emulator, clientId), 1);
      return `"${refusal.message}"`;
    },
  },
  {
    title: 'Another origin gets no token',
    proves: 'Neither an absolute URL nor one that looks relative sends the token to another host.',
    async run({ createClient }) {
      const { client, api } = await createClient(['reader']);
      let requests = 0;
      const otherHost = createServer((_, response) => {
        requests++;
        response.end();
      });
      await new Promise<void>((resolve) => otherHost.listen(0, '127.0.0.1', resolve));
      const host = `127.0.0.1:${(otherHost.address() as AddressInfo).port}`;
      try {
        for (const url of [`http://${host}/customers`, `//${host}/customers`, `\\\\${host}\\customers`]) {
          assert.equal(await codeOf(client.fetch(url)), 'origin_not_allowed');
          assert.equal(await codeOf(api.get(url)), 'origin_not_allowed');
        }
        assert.equal(requests, 0);
        return '3 URLs of another host, with axios and with client.fetch: 6 times `origin_not_allowed`; the host received 0 requests.';
      } finally {
        otherHost.close();
      }
    },
  },
  {
    title: 'The sample script runs',
    proves: 'apps/axios-script needs nothing but its variables.',
    async run() {
      await using emulator = await startEmulator();
      const script = fileURLToPath(new URL('../../apps/axios-script/src/main.ts', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [script, 'Grace'], {
        env: { ...process.env, ...emulator.env },
      });
      assert.match(stdout, /^Created Grace/);
      assert.equal(await countTokenRequests(emulator, emulator.clientId), 1);
      return `\`node src/main.ts Grace\` printed "${stdout.split('\n')[0]}" and the list; 1 token request.`;
    },
  },
  ...expressSteps,
  ...nestjsSteps,
  {
    title: 'Four processes share one token through a directory',
    proves: 'The workers of one machine cause no stampede: apps/worker-fleet with @instellix/file-store.',
    async run() {
      const script = fileURLToPath(new URL('../../apps/worker-fleet/src/main.ts', import.meta.url));
      const command = [script, '--workers', '4', '--seconds', '5'];
      const { stdout } = await promisify(execFile)(process.execPath, command);
      const totals = (fleet: string) => stdout.split('\n').find((line) => line.startsWith(`${fleet}: `)) ?? '';
      assert.match(totals('shared'), / calls, 0 failed, 1 token requests, 0 throttled$/);
      assert.doesNotMatch(totals('alone'), / 0 throttled$/);
      return `\`${totals('shared')}\`; the same workers without a store: \`${totals('alone')}\`.`;
    },
  },
];
