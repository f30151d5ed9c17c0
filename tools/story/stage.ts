import { createInstellixAxios } from '@instellix/axios-interceptor';
import { createInstellixClient, type InstellixClient, type InstellixClientOptions } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import type { AxiosInstance } from 'axios';

/** Where the chapters play: an emulator, and clients of its credentials. */
export interface Stage extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Makes a credential that no other chapter uses, and a client for it. */
  cast(roles: ('reader' | 'writer')[], options?: InstellixClientOptions): Promise<Cast>;
  /** Makes a client of an emulator's credential; closed with the stage. */
  createClient(emulator: Emulator, options: InstellixClientOptions): InstellixClient;
}

/** A client, an Axios instance that it authorises, and the credential behind both. */
export interface Cast {
  readonly client: InstellixClient;
  readonly api: AxiosInstance;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Starts the emulator as its users do; the throttle is the vendor's. */
export async function openStage(): Promise<Stage> {
  const emulator = await startEmulator();
  const clients: InstellixClient[] = [];
  const createClient: Stage['createClient'] = ({ url, realm }, options) => {
    const client = createInstellixClient({ environment: { name: 'emulator', apiUrl: url }, realm, ...options });
    clients.push(client);
    return client;
  };
  return {
    emulator,
    createClient,
    async cast(roles, options = {}) {
      const credential = await emulator.credentials.create({ roles });
      const client = createClient(emulator, { ...credential, ...options });
      return { client, api: createInstellixAxios(client), ...credential };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await emulator.close();
    },
  };
}
