import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { createInstellixClient, type InstellixClient, isInstellixError } from '@instellix/core';
import type { AdapterCall, AdapterCase, AdapterResponse } from './adapter-harness.ts';
import { ScriptedApi } from './scripted-api.ts';

/** What a case plays in: an API, a client of it, and the adapter that is tried. */
export interface World {
  readonly api: ScriptedApi;
  readonly client: InstellixClient;
  send(call: Partial<AdapterCall>): Promise<AdapterResponse>;
}

/** The secret of the client, which must not show anywhere. */
export const secret = 'planted-secret-5d1c';

/** Makes a case that gets a world of its own. */
export function testCase(title: string, verify: (world: World) => Promise<void>): AdapterCase {
  return {
    title,
    async verify(harness) {
      const api = await ScriptedApi.start();
      const client = createInstellixClient({
        environment: { apiUrl: `${api.origin}/api` },
        realm: 'acme',
        clientId: 'contract',
        clientSecret: secret,
        tokenRequest: { minIntervalMs: 0 },
      });
      try {
        const adapter = harness.create(client);
        const send: World['send'] = (call) => {
          const answer = adapter.send({ method: 'GET', url: '/echo', ...call });
          // A case that fails half-way leaves calls behind; what becomes of them is no news.
          answer.catch(() => {});
          return answer;
        };
        await verify({ api, client, send });
      } finally {
        await client.close();
        await api.close();
      }
    },
  };
}

/** The code with which a call is refused, wherever among the causes it stands. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => assert.fail('the call was not refused'),
    (reason: unknown) => reason,
  );
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (isInstellixError(cause)) return cause.code;
  throw error;
}

/** Shows everything that a logger could reach. */
export function show(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, getters: false });
}
