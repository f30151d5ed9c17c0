import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
  isInstellixError,
  memoryTokenStore,
} from '@instellix/core';
import { FakeApi, type FakeApiResponder } from '../servers/fake-api.ts';
import type { AdapterCall, AdapterCase, AdapterResponse } from './adapter-harness.ts';

/** The parts of a case: an API, its client, and the tested adapter. */
export interface AdapterFixture {
  readonly api: FakeApi;
  readonly client: InstellixClient;
  /** Another client that shares the store. */
  readonly neighbour: InstellixClient;
  send(call: Partial<AdapterCall>): Promise<AdapterResponse>;
}

/** The secret of the client, which must not be shown anywhere. */
export const secret = 'planted-secret-5d1c';
/** A key in the query of the token URL, which must not be shown either. */
export const urlKey = 'planted-key-7a40';

/** Creates a case with its own fixture. */
export function testCase(title: string, verify: (fixture: AdapterFixture) => Promise<void>): AdapterCase {
  return {
    title,
    async verify(harness) {
      const api = await startApi();
      const options: InstellixClientOptions = {
        environment: {
          apiUrl: `${api.origin}/api`,
          tokenUrl: `${api.origin}/acme/oauth2/token?subscription-key=${urlKey}`,
        },
        realm: 'acme',
        clientId: 'contract',
        clientSecret: secret,
        tokenRequest: { minIntervalMs: 0 },
        store: memoryTokenStore(),
      };
      const client = createInstellixClient(options);
      const neighbour = createInstellixClient(options);
      try {
        const adapter = harness.create(client);
        const send: AdapterFixture['send'] = (call) => {
          const response = adapter.send({ method: 'GET', url: '/echo', ...call });
          // A case that fails leaves calls in progress, whose rejections must not end the process.
          response.catch(() => {});
          return response;
        };
        await verify({ api, client, neighbour, send });
      } finally {
        await Promise.all([client.close(), neighbour.close()]);
        await api.close();
      }
    },
  };
}

/** Starts an API that redirects, refuses and echoes. */
export async function startApi(): Promise<FakeApi> {
  const api = await FakeApi.start();
  api.respond = respondToCall;
  return api;
}

/** `/api/moved?to=URL` and `/bounce?to=URL`, which is outside of the API, redirect; `/api/forbidden` responds with 403. */
const respondToCall: FakeApiResponder = ({ method, path, body }, response) => {
  const { pathname, searchParams } = new URL(path, 'http://api.example');
  if (pathname === '/bounce' || pathname === '/api/moved') {
    response.writeHead(307, { location: searchParams.get('to') ?? '' }).end();
  } else if (pathname === '/api/forbidden') {
    const challenge = 'Bearer error="insufficient_scope", scope="orders:read"';
    response.writeHead(403, { 'www-authenticate': challenge }).end('no right');
  } else {
    response.end(`${method} ${body}`);
  }
};

/** Returns the code of the core error that a call rejects with, or that is among the causes. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => assert.fail('the call did not reject'),
    (reason: unknown) => reason,
  );
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isInstellixError(cause)) return cause.code;
  throw error;
}

/** Returns what has become of a call within a second. */
export function outcomeOf(call: Promise<unknown>): Promise<'went on' | 'ended' | 'waits on'> {
  const settled = call.then(
    () => 'went on' as const,
    () => 'ended' as const,
  );
  return Promise.race([settled, new Promise<'waits on'>((resolve) => setTimeout(resolve, 1_000, 'waits on'))]);
}

/** Formats everything that a logger could reach. */
export function show(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, getters: false });
}
