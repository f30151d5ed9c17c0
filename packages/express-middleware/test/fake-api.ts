import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { afterEach } from 'vitest';

type Respond = (response: ServerResponse) => void | Promise<void>;

/** A server with the API and its token endpoint, and clients of it. */
export class FakeApi {
  tokenRequests = 0;
  apiRequests = 0;
  /** API requests whose client disconnected before the response was complete. */
  abandoned = 0;
  issue: Respond = (response) => {
    const token = { access_token: `planted-token-${this.tokenRequests}`, token_type: 'bearer', expires_in: 300 };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
  };
  respond: Respond = (response) => void response.end('done');
  readonly #clients: InstellixClient[] = [];
  readonly #server = createServer((request, response) => {
    request.resume();
    const isToken = request.url?.endsWith('/oauth2/token');
    if (isToken) this.tokenRequests++;
    else this.apiRequests++;
    response.on('close', () => {
      if (!isToken && !response.writableFinished) this.abandoned++;
    });
    void (isToken ? this.issue : this.respond)(response);
  });

  static async start(): Promise<FakeApi> {
    const fakeApi = new FakeApi();
    await new Promise<void>((resolve) => fakeApi.#server.listen(0, '127.0.0.1', resolve));
    fakeApis.add(fakeApi);
    return fakeApi;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get options() {
    return {
      environment: { apiUrl: this.origin, name: 'test' },
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

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const fakeApis = new Set<FakeApi>();

afterEach(async () => {
  await Promise.all([...fakeApis].map((fakeApi) => fakeApi.close()));
  fakeApis.clear();
});
