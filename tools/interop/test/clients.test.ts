import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import nodeFetch from 'node-fetch';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connections } from '../src/clients/connections.ts';
import type { Connect, CustomerClient } from '../src/clients/customer-client.ts';
import { generateHeyApiClient } from '../src/clients/generate-hey-api-client.ts';
import { startGraphqlApi } from '../src/clients/start-graphql-api.ts';
import { reasonsOf } from '../src/start-fixture.ts';

const all: Readonly<Record<string, Connect | (() => Promise<Connect>)>> = connections;

interface ClientFixture {
  readonly emulator: Emulator;
  readonly client: InstellixClient;
  readonly api: CustomerClient;
}

async function startFixture(name: string): Promise<ClientFixture> {
  const emulator = await startEmulator({ throttleWindowMs: 0 });
  onTestFinished(() => emulator.close());
  const { url, realm, clientId, clientSecret } = emulator;
  const apiUrl = name === 'graphql-request' ? await startGraphqlApi(emulator) : url;
  const client = createInstellixClient({
    environment: { apiUrl, tokenUrl: `${url}/${realm}/oauth2/token` },
    realm,
    clientId,
    clientSecret,
    tokenRequest: { minIntervalMs: 0 },
    ...(name === 'node-fetch' && { fetch: nodeFetch as unknown as typeof fetch }),
  });
  onTestFinished(() => client.close());
  const connect = name === '@hey-api/openapi-ts' ? await generateHeyApiClient() : (all[name] as Connect);
  return { emulator, client, api: connect(client) };
}

describe.each([...Object.keys(all), '@hey-api/openapi-ts'])('%s', (name) => {
  test('calls the API', async () => {
    const { api, emulator } = await startFixture(name);
    expect(await api.list()).toContain('Ada Lovelace');
    expect(await reasonsOf(emulator)).toEqual(['issued', 'ok']);
  });

  test('resends a POST after a revocation', async () => {
    const { api, client, emulator } = await startFixture(name);
    await client.getToken();
    await emulator.tokens.revokeAll();
    expect(await api.create('Katherine Johnson')).toBe('Katherine Johnson');
    expect(await reasonsOf(emulator)).toEqual(['issued', 'token_revoked', 'issued', 'created']);
  });

  test.each(['token', 'GET /customers'] as const)(
    'ends a call that is aborted during %s',
    { timeout: 30_000 },
    async (on) => {
      const { api, emulator } = await startFixture(name);
      await emulator.faults.add({ on, socket: 'hang' });
      const abort = new AbortController();
      const call = api.list(abort.signal);
      call.catch(() => {});
      await emulator.requests.waitFor({ reason: 'fault' });
      abort.abort();
      await expect(call).rejects.toThrow();
    },
  );
});
