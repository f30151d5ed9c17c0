import {
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
  memoryTokenStore,
} from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import type { MeterProvider } from '@opentelemetry/api';
import { observeInstellixClient } from '../../src/index.ts';
import { ignoreFailure } from '../create-client.ts';

/** A client, and what is done with it again and again. */
interface Scenario {
  readonly options?: Partial<InstellixClientOptions>;
  readonly prepare?: (client: InstellixClient, emulator: Emulator, clientId: string) => Promise<unknown>;
  readonly call?: (client: InstellixClient) => Promise<unknown>;
}

const refused = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });

/** One scenario for each alert, by the name of its realm. */
const scenarios: Record<string, Scenario> = {
  healthy: {},
  'wrong-secret': { options: { clientSecret: 'planted-wrong' } },
  'endpoint-down': {
    async prepare(client, emulator, clientId) {
      await client.getToken();
      await emulator.faults.add({ on: 'token', clientId, respond: { status: 503 } });
    },
  },
  'api-rejects': {
    async call(client) {
      // Each token is rejected as soon as it was obtained, until the client suspends the refresh.
      let rejected = await client.getToken();
      for (;;) rejected = await client.getToken({ rejected });
    },
  },
  throttled: {
    async prepare(client, emulator, clientId) {
      const throttleOnce = () => emulator.faults.add({ on: 'token', clientId, times: 1, respond: { status: 401 } });
      client.subscribe(({ type }) => {
        if (type === 'token_obtained') void throttleOnce();
      });
      await throttleOnce();
    },
  },
  'store-down': { options: { store: { ...memoryTokenStore(), claim: () => Promise.reject(refused) } } },
  slow: {
    prepare: (_, emulator, clientId) => emulator.faults.add({ on: 'token', clientId, delayMs: 2_600 }),
  },
};

/** Creates a client that refreshes its token about twice a second. */
async function createClient(emulator: Emulator, realm: string, scenario: Scenario) {
  const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'], realm });
  const client = createInstellixClient({
    environment: { name: 'emulator', apiUrl: emulator.url },
    realm,
    clientId,
    clientSecret,
    tokenRequest: { minIntervalMs: 50 },
    refresh: { atFraction: 0.03, jitterFraction: 0 },
    ...scenario.options,
  });
  await scenario.prepare?.(client, emulator, clientId);
  return client;
}

/** Calls one client for each alert ten times a second, against an emulator, until it is disposed of. */
export async function provokeFailures(meterProvider: MeterProvider): Promise<AsyncDisposable> {
  const emulator = await startEmulator({ tokenTtlSeconds: 20, throttleWindowMs: 0 });
  let hasEnded = false;
  const loops = Object.entries(scenarios).map(async ([realm, scenario]) => {
    await using client = await createClient(emulator, realm, scenario);
    observeInstellixClient(client, { meterProvider });
    const { call = () => client.getToken() } = scenario;
    while (!hasEnded) {
      await ignoreFailure(call(client));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  return {
    async [Symbol.asyncDispose]() {
      hasEnded = true;
      await Promise.all(loops);
      await emulator.close();
    },
  };
}
