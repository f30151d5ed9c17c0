import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import {
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
  isInstellixError,
  memoryTokenStore,
} from '@instellix/core';
import type { AdapterCall, AdapterCase, AdapterResponse } from './adapter-harness.ts';
import { FakeApi } from './fake-api.ts';

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
      const api = await FakeApi.start();
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

/** Returns the code of the core error that a call rejects with, or that is among the causes. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => assert.fail('the call did not reject'),
    (reason: unknown) => reason,
  );
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isInstellixError(cause)) return cause.code;
  throw error;
}

/** Formats everything that a logger could reach. */
export function show(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, getters: false });
}
