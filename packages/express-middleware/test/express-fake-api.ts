import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { FakeApi, type FakeApiResponder } from '@instellix/testing/servers';
import { afterEach } from 'vitest';

/** The fake API with clients of it. */
export class ExpressFakeApi extends FakeApi {
  override respond: FakeApiResponder = (_, response) => void response.end('done');
  readonly #clients: InstellixClient[] = [];

  constructor() {
    super();
    fakeApis.add(this);
  }

  get options() {
    return {
      environment: { apiUrl: this.apiUrl, name: 'test' },
      realm: 'acme-realm',
      clientId: 'express',
      clientSecret: 'planted-secret',
      tokenRequest: { minIntervalMs: 0, maxWaitMs: 5_000 },
    };
  }

  createClient(): InstellixClient {
    const client = createInstellixClient(this.options);
    this.#clients.push(client);
    return client;
  }

  async closeWithClients(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.close();
  }
}

const fakeApis = new Set<ExpressFakeApi>();

afterEach(async () => {
  await Promise.all([...fakeApis].map((fakeApi) => fakeApi.closeWithClients()));
  fakeApis.clear();
});
