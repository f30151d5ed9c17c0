import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request to the API. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** Every `Authorization` header, in order. More than one is a fault of the sender. */
  readonly authorization: readonly string[];
  readonly body: string;
}

/**
 * An HTTP server with the API and its token endpoint.
 *
 * Tokens are `token-1`, `token-2` and so on. `/api/echo` responds with 200 to valid ones and with 401 to all others, `/api/forbidden`
 * with 403, `/api/moved?to=URL` with 307. Paths outside of `/api/` need no token: `/bounce?to=URL` responds with 307, the rest with 200.
 */
export class FakeApi {
  readonly #server: Server;
  readonly #valid = new Set<string>();
  #issued = 0;
  /** The requests that arrived, without token requests. */
  readonly requests: ApiRequest[] = [];
  /** Responds with 401 to every token, also to new ones. */
  refusesAll = false;
  /** The status that the token endpoint responds with instead of a token. */
  tokenFailure: number | undefined;
  /** The token endpoint waits for this before it responds. */
  tokenGate: Promise<void> | undefined;
  /** The API waits for this, after a request has arrived, before it responds. */
  responseGate: Promise<void> | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#respond(request, response).catch((error) => response.destroy(error));
    });
  }

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokensIssued(): number {
    return this.#issued;
  }

  /** Revokes every token that has been issued. */
  revokeAll(): void {
    this.#valid.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const body = await text(request);
    if (url.pathname.endsWith('/oauth2/token')) return this.#issue(response);
    const { authorization = [] } = request.headersDistinct;
    this.requests.push({ method: request.method ?? '', path: url.pathname + url.search, authorization, body });
    const isValid = !this.refusesAll && authorization.length === 1 && this.#valid.has(authorization[0] ?? '');
    await this.responseGate;
    const to = url.searchParams.get('to') ?? '';
    if (url.pathname === '/bounce') return end(response, 307, '', { location: to });
    if (!url.pathname.startsWith('/api/')) return end(response, 200, 'outside');
    if (!isValid) return end(response, 401, 'unknown token', { 'www-authenticate': 'Bearer error="invalid_token"' });
    if (url.pathname === '/api/forbidden') {
      return end(response, 403, 'no right', {
        'www-authenticate': 'Bearer error="insufficient_scope", scope="orders:read"',
      });
    }
    if (url.pathname === '/api/moved') return end(response, 307, '', { location: to });
    return end(response, 200, `${request.method} ${body}`);
  }

  async #issue(response: ServerResponse): Promise<void> {
    this.#issued++;
    const value = `token-${this.#issued}`;
    await this.tokenGate;
    if (this.tokenFailure !== undefined) return end(response, this.tokenFailure, '');
    this.#valid.add(`Bearer ${value}`);
    const content = JSON.stringify({ access_token: value, token_type: 'bearer', expires_in: 300 });
    return end(response, 200, content, { 'content-type': 'application/json' });
  }
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end(body);
}
