import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import type { AxiosInstance, AxiosRequestConfig, CreateAxiosDefaults } from 'axios';
import { afterEach } from 'vitest';
import type { CopyUnderTest } from './copies.ts';

/** A request to the API. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly token: string | undefined;
  readonly body: string;
}

type Respond = (request: Arrival, response: ServerResponse) => void | Promise<void>;

/** A server: the API below `/api/`, its token endpoint, and another host at all other paths. */
export class FakeApi {
  readonly arrived: Arrival[] = [];
  readonly connections = new Set<number>();
  tokensIssued = 0;
  /** The number of the first valid token. */
  firstValid = 1;
  /** Responds to a request with a valid token. */
  respond: Respond = (_, response) => void response.end('{"ok":true}');
  /** Responds to a request with an invalid token. */
  refuse: Respond = (_, response) => void response.writeHead(401).end('{"error":"invalid_token"}');
  respondToToken: Respond | undefined;
  /** The host name that clients use. */
  domain = '127.0.0.1';
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });
  #client: InstellixClient | undefined;

  static async start(): Promise<FakeApi> {
    const fakeApi = new FakeApi();
    await new Promise<void>((resolve) => fakeApi.#server.listen(0, '127.0.0.1', resolve));
    fakeApis.add(fakeApi);
    return fakeApi;
  }

  get origin(): string {
    return `http://${this.domain}:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get apiUrl(): string {
    return `${this.origin}/api/`;
  }

  get client(): InstellixClient {
    this.#client ??= createInstellixClient({
      environment: {
        apiUrl: this.apiUrl,
        tokenUrl: `http://127.0.0.1:${this.#port}/acme/oauth2/token`,
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
    return this.arrived.map(({ token }) => token);
  }

  get bodies(): string[] {
    return this.arrived.map(({ body }) => body);
  }

  /** Gets a token for the next call, and revokes it. */
  async spoilToken(): Promise<void> {
    await this.client.getToken();
    this.firstValid = this.tokensIssued + 1;
  }

  async close(): Promise<void> {
    await this.#client?.close();
    await this.stopListening();
  }

  async stopListening(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers, rawHeaders } = request;
    const body = (await buffer(request)).toString('latin1');
    const token = headers.authorization?.replace('Bearer planted-', '');
    const arrival = { method, path, host: headers.host ?? '', headers, rawHeaders, token, body };
    if (path.endsWith('/oauth2/token')) {
      const number = ++this.tokensIssued;
      if (this.respondToToken) return this.respondToToken(arrival, response);
      const token = { access_token: `planted-token-${number}`, token_type: 'bearer', expires_in: 300 };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(token));
      return;
    }
    this.arrived.push(arrival);
    this.connections.add(request.socket.remotePort ?? 0);
    const isOutside = !path.startsWith('/api/');
    const isValid = Number(token?.replace('token-', '')) >= this.firstValid;
    await (isOutside || isValid ? this.respond : this.refuse)(arrival, response);
  }
}

const fakeApis = new Set<FakeApi>();

afterEach(async () => {
  await Promise.all([...fakeApis].map((fakeApi) => fakeApi.close()));
  fakeApis.clear();
});

export const ignoreFailure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
