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
import { expressChapters } from './express-chapters.ts';
import { nestjsChapters } from './nestjs-chapters.ts';
import type { Stage } from './stage.ts';

/** One line of the story. */
export interface Chapter {
  readonly title: string;
  readonly proves: string;
  /** It keeps the process busy. */
  readonly isCrowded?: boolean;
  /** Does it for real; returns what happened, throws when it does not hold. */
  run(stage: Stage): Promise<string>;
}

const throttleMs = 5_000;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

async function countTokenRequests(emulator: Emulator, clientId: string): Promise<number> {
  return emulator.requests.count({ endpoint: 'token', clientId });
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail('it was expected to fail'),
    (reason: unknown) => reason,
  );
  const found = findInstellixError(error);
  if (found) return found.code;
  throw error;
}

export const chapters: readonly Chapter[] = [
  {
    title: 'The first call fetches a token',
    proves: 'A credential is all that it takes: nobody writes a token request.',
    async run({ cast, emulator }) {
      const { api, clientId } = await cast(['reader']);
      const response = await api.get('/customers');
      assert.equal(response.status, 200);
      assert.equal(await countTokenRequests(emulator, clientId), 1);
      return 'axios.get /customers answered 200; the journal shows 1 token request before it.';
    },
  },
  {
    title: '1,000 concurrent calls share one token request',
    proves: 'A cold start is no stampede, which the vendor would answer with 401.',
    isCrowded: true,
    async run({ cast, emulator }) {
      const { api, clientId } = await cast(['reader']);
      const responses = await Promise.all(Array.from({ length: 1_000 }, () => api.get('/customers')));
      assert.ok(responses.every(({ status }) => status === 200));
      const count = await countTokenRequests(emulator, clientId);
      assert.equal(count, 1);
      return `1,000 calls on a cold client: 1,000 times 200, ${count} token request.`;
    },
  },
  {
    title: 'The token is reused',
    proves: 'A warm call costs no token request and no wait.',
    async run({ cast, emulator }) {
      const { client, clientId } = await cast(['reader']);
      const first = await client.getToken();
      for (let call = 0; call < 100; call++) assert.equal((await client.getToken()).value, first.value);
      assert.equal(await countTokenRequests(emulator, clientId), 1);
      return '100 more calls, one after the other: the same token, no further token request.';
    },
  },
  {
    title: 'It is refreshed in the background before it expires',
    proves: 'An expiry is never seen: no call waits, none fails.',
    async run({ createClient }) {
      await using emulator = await startEmulator({ tokenTtlSeconds: 10 });
      const { clientId, clientSecret } = emulator;
      // Earlier than by default: of so short a life little is left between the gate and the end.
      const client = createClient(emulator, { clientId, clientSecret, refresh: { atFraction: 0.6 } });
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
      return `${calls} calls in 12 s over tokens that live 10 s: ${requests} token requests, 0 calls failed, 0 had to wait.`;
    },
  },
  {
    title: 'A revoked token is healed by one renewal and one replay',
    proves: 'A 401 of the API does not reach the caller when a new token helps.',
    async run({ createClient }) {
      await using emulator = await startEmulator();
      const { clientId, clientSecret } = emulator;
      const client = createClient(emulator, { clientId, clientSecret });
      await client.getToken();
      await emulator.tokens.revokeAll();
      const startedAt = Date.now();
      const response = await createInstellixAxios(client).post('/customers', { name: 'Ada' });
      assert.equal(response.status, 201);
      const journal = await emulator.requests.list({ clientId });
      assert.deepEqual(
        journal.map(({ reason }) => reason),
        ['issued', 'token_revoked', 'issued', 'created'],
      );
      return `axios.post /customers with a revoked token: 401, one renewal (at the gate for ${seconds(Date.now() - startedAt)}), one replay, 201.`;
    },
  },
  {
    title: 'The 5 s throttle is waited out and explained',
    proves: 'A 401 to correct credentials is known for what it is; the caller gets a token, not an error.',
    async run({ cast, createClient, emulator }) {
      const { clientId, clientSecret } = await cast(['reader']);
      const earlier = createClient(emulator, { clientId, clientSecret });
      await earlier.getToken();
      const events: TokenEvent[] = [];
      const later = createClient(emulator, { clientId, clientSecret, onEvent: (event) => events.push(event) });
      const startedAt = Date.now();
      await later.getToken();
      const throttled = await emulator.requests.count({ clientId, reason: 'throttled' });
      assert.equal(throttled, 1);
      const failure = events.find(({ type }) => type === 'token_request_failed');
      assert.ok(failure?.type === 'token_request_failed' && failure.code === 'token_request_throttled');
      return `A second client without a shared store asked within 5 s: 401, event \`${failure.code}\`, asked again after ${seconds(failure.retryInMs ?? 0)}, token after ${seconds(Date.now() - startedAt)}.`;
    },
  },
  {
    title: 'A wrong secret is told apart from the throttle',
    proves: 'Two 401 with a full window between them are no throttle: the error says so.',
    async run({ cast, createClient, emulator }) {
      const { clientId } = await cast(['reader']);
      const client = createClient(emulator, { clientId, clientSecret: 'not-the-secret' });
      const startedAt = Date.now();
      const code = await codeOf(client.getToken());
      assert.equal(code, 'credentials_rejected');
      assert.ok(Date.now() - startedAt >= throttleMs);
      assert.equal(await codeOf(client.getToken()), code);
      const requests = await countTokenRequests(emulator, clientId);
      assert.equal(requests, 2);
      return `\`${code}\` after ${requests} token requests a full window apart; asked again: the same error, no request.`;
    },
  },
  {
    title: 'A 403 names the missing access right',
    proves: 'Whoever reads the error knows which role to ask for; a new token would not help and is not requested.',
    async run({ cast, emulator }) {
      const { api, clientId } = await cast(['reader']);
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
    title: 'A foreign origin gets no token',
    proves: 'Neither an absolute URL nor a relative-looking one carries the token to a stranger.',
    async run({ cast }) {
      const { client, api } = await cast(['reader']);
      let visits = 0;
      const stranger = createServer((_, response) => {
        visits++;
        response.end();
      });
      await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
      const host = `127.0.0.1:${(stranger.address() as AddressInfo).port}`;
      try {
        for (const url of [`http://${host}/customers`, `//${host}/customers`, `\\\\${host}\\customers`]) {
          assert.equal(await codeOf(client.fetch(url)), 'origin_not_allowed');
          assert.equal(await codeOf(api.get(url)), 'origin_not_allowed');
        }
        assert.equal(visits, 0);
        return '3 addresses of a stranger, with axios and with client.fetch: 6 times `origin_not_allowed`; the stranger saw 0 requests.';
      } finally {
        stranger.close();
      }
    },
  },
  {
    title: 'The Axios script does its work',
    proves: 'What a user writes runs as it stands: apps/axios-script, configured by variables alone.',
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
  ...expressChapters,
  ...nestjsChapters,
  {
    title: 'Four processes share one token through a directory',
    proves: 'Workers of one machine are no stampede: apps/worker-fleet, with @instellix/file-store and without.',
    async run() {
      const script = fileURLToPath(new URL('../../apps/worker-fleet/src/main.ts', import.meta.url));
      const command = [script, '--workers', '4', '--seconds', '5'];
      const { stdout } = await promisify(execFile)(process.execPath, command);
      const totals = (who: string) => stdout.split('\n').find((line) => line.startsWith(`${who}: `)) ?? '';
      assert.match(totals('shared'), / calls, 0 failed, 1 token requests, 0 throttled$/);
      assert.doesNotMatch(totals('alone'), / 0 throttled$/);
      return `\`${totals('shared')}\`; the same workers without a store: \`${totals('alone')}\`.`;
    },
  },
];
