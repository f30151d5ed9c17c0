import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { FakeApi } from '@instellix/testing/servers';
import type { AxiosInstance, AxiosRequestConfig, CreateAxiosDefaults } from 'axios';
import { afterEach } from 'vitest';
import type { CopyUnderTest } from './copies.ts';

/** The fake API with a client of it, and instances of Axios that use this client. */
export class AxiosFakeApi extends FakeApi {
  /** The host name that clients use. */
  domain = '127.0.0.1';
  #client: InstellixClient | undefined;

  constructor() {
    super();
    fakeApis.add(this);
  }

  override get origin(): string {
    return `http://${this.domain}:${this.port}`;
  }

  get client(): InstellixClient {
    this.#client ??= createInstellixClient({
      environment: {
        apiUrl: this.apiUrl,
        tokenUrl: `${super.origin}/acme/oauth2/token`,
        name: 'test',
        allowHttp: true,
      },
      realm: 'acme',
      clientId: 'axios',
      clientSecret: 'planted-secret',
      tokenRequest: { minIntervalMs: 0, maxWaitMs: 5_000 },
    });
    return this.#client;
  }

  /** Creates an instance with the interceptor. */
  createApi({ axios, install, adapter }: CopyUnderTest, defaults: AxiosRequestConfig = {}): AxiosInstance {
    const api = axios.create({ baseURL: this.apiUrl, adapter, ...(defaults as CreateAxiosDefaults) });
    install(api, this.client);
    return api;
  }

  get tokens(): (string | undefined)[] {
    return this.requests.map(({ token }) => token);
  }

  get bodies(): string[] {
    return this.requests.map(({ body }) => body);
  }

  /** Gets a token for the next call, and revokes it. */
  async spoilToken(): Promise<void> {
    await this.client.getToken();
    this.revokeAll();
  }

  async closeWithClient(): Promise<void> {
    await this.#client?.close();
    await this.close();
  }
}

const fakeApis = new Set<AxiosFakeApi>();

afterEach(async () => {
  await Promise.all([...fakeApis].map((fakeApi) => fakeApi.closeWithClient()));
  fakeApis.clear();
});

export const ignoreFailure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
