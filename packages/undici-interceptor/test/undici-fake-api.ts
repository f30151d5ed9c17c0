import type { ServerResponse } from 'node:http';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { FakeApi, type FakeApiOptions, type FakeApiRequest, type FakeApiResponder } from '@instellix/testing/servers';
import { onTestFinished } from 'vitest';

/** Where the API is, and what its client is given. */
export interface UndiciFakeApiOptions extends FakeApiOptions {
  readonly protocol?: 'http' | 'https';
  readonly hostname?: string;
  readonly fetch?: typeof fetch;
}

/** The fake API for the current test, with a client of it. It repeats method and body of a request. */
export class UndiciFakeApi extends FakeApi {
  /** Respond to the requests of a path, whatever their token. */
  readonly routes: Record<string, (request: FakeApiRequest, response: ServerResponse) => unknown> = {};
  override respond: FakeApiResponder = this.#createResponder(200, ({ method, body }) => `${method} ${body}`);
  override refuse: FakeApiResponder = this.#createResponder(401, () => 'unknown token');
  readonly #options: UndiciFakeApiOptions;
  #client: InstellixClient | undefined;

  constructor(options: UndiciFakeApiOptions = {}) {
    super(options);
    this.#options = options;
    onTestFinished(async () => {
      await this.#client?.close();
      await this.close();
    });
  }

  override get origin(): string {
    const { protocol = 'http', hostname = '127.0.0.1' } = this.#options;
    return `${protocol}://${hostname}:${this.port}`;
  }

  get client(): InstellixClient {
    this.#client ??= createInstellixClient({
      environment: { apiUrl: this.apiUrl, tokenUrl: `${this.origin}/acme/oauth2/token` },
      realm: 'acme',
      clientId: 'an-id',
      clientSecret: 'planted-secret',
      tokenRequest: { minIntervalMs: 0 },
      ...(this.#options.fetch && { fetch: this.#options.fetch }),
    });
    return this.#client;
  }

  /** What arrived, as `METHOD path authorization body`. */
  summary(): string[] {
    return this.requests.map(({ method, path, authorization: [value = '-'], body }) =>
      `${method} ${path} ${value} ${body}`.trim(),
    );
  }

  #createResponder(status: number, toBody: (request: FakeApiRequest) => string): FakeApiResponder {
    return async (request, response) => {
      const route = this.routes[request.path];
      if (route) await route(request, response);
      else response.writeHead(status).end(toBody(request));
    };
  }
}
