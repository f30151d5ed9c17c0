import { createInstellixAxios } from '@instellix/axios-interceptor';
import { createInstellixClient, type InstellixClient, type InstellixClientOptions } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import type { AxiosInstance } from 'axios';

/** What the steps use: an emulator, and clients of it. */
export interface DemoContext extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Creates a credential that no other step uses, and a client for it. */
  createClient(roles: ('reader' | 'writer')[]): Promise<DemoClient>;
  /** Creates a client of any emulator. It is closed with the context. */
  connectTo(emulator: Emulator, options: InstellixClientOptions): InstellixClient;
}

/** A client, an Axios instance that uses it, and its credential. */
export interface DemoClient {
  readonly client: InstellixClient;
  readonly api: AxiosInstance;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Starts the emulator with the throttle of the vendor. */
export async function createDemoContext(): Promise<DemoContext> {
  const emulator = await startEmulator();
  const clients: InstellixClient[] = [];
  const connectTo: DemoContext['connectTo'] = ({ url, realm }, options) => {
    const client = createInstellixClient({ environment: { name: 'emulator', apiUrl: url }, realm, ...options });
    clients.push(client);
    return client;
  };
  return {
    emulator,
    connectTo,
    async createClient(roles) {
      const credential = await emulator.credentials.create({ roles });
      const client = connectTo(emulator, credential);
      return { client, api: createInstellixAxios(client), ...credential };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await emulator.close();
    },
  };
}
