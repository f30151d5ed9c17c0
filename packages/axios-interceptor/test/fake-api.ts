import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import type { AxiosInstance, AxiosRequestConfig, CreateAxiosDefaults } from 'axios';
import { afterEach } from 'vitest';
import type { CopyUnderTest } from './copies.ts';

/** One request of the API as it arrived. */
export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly token: string | undefined;
  readonly body: string;
}

type Answer = (request: Arrival, response: ServerResponse) => void | Promise<void>;

/** A server that is the API, below `/api/`, its token endpoint, and a stranger, everywhere else. */
export class FakeApi {
  readonly arrived: Arrival[] = [];
  readonly connections = new Set<number>();
  tokensIssued = 0;
  /** The number of the first token that the API still takes. */
  firstValid = 1;
  /** What the API answers to a valid token; a 401 has been sent before. */
  answer: Answer = (_, response) => void response.end('{"ok":true}');
  /** What the API answers to a token that it does not take. */
  refuse: Answer = (_, response) => void response.writeHead(401).end('{"error":"invalid_token"}');
  tokenAnswer: Answer | undefined;
  /** How clients call this machine. */
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

  /** An instance with the interceptor in it. */
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

  /** Obtains a token, so that the next call is warm, and then has the API refuse it. */
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
      if (this.tokenAnswer) return this.tokenAnswer(arrival, response);
      const answer = { access_token: `planted-token-${number}`, token_type: 'bearer', expires_in: 300 };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      return;
    }
    this.arrived.push(arrival);
    this.connections.add(request.socket.remotePort ?? 0);
    const isOutside = !path.startsWith('/api/');
    const isValid = Number(token?.replace('token-', '')) >= this.firstValid;
    await (isOutside || isValid ? this.answer : this.refuse)(arrival, response);
  }
}

const fakeApis = new Set<FakeApi>();

afterEach(async () => {
  await Promise.all([...fakeApis].map((fakeApi) => fakeApi.close()));
  fakeApis.clear();
});

/** A promise and how to fulfil it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Waits for something to become true, in real time but without counting on how long it takes. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

export const ignoreFailure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
