import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One API request as it arrived. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** Every `Authorization` header, in order; more than one is a fault of the sender. */
  readonly authorization: readonly string[];
  readonly body: string;
}

/**
 * A real HTTP server that plays the API and its token endpoint to the letter of a script.
 *
 * Tokens are `token-1`, `token-2` and so on. `/api/echo` answers 200 to the valid ones and 401 to all others,
 * `/api/forbidden` 403, `/api/moved?to=URL` 307; what lies outside `/api/` answers anyone: `/bounce?to=URL` 307, the rest 200.
 */
export class ScriptedApi {
  readonly #server: Server;
  readonly #valid = new Set<string>();
  #issued = 0;
  /** What arrived, token requests left out. */
  readonly requests: ApiRequest[] = [];
  /** Answers 401 to every token, also to new ones. */
  refusesAll = false;
  /** What the token endpoint answers instead of a token. */
  tokenFailure: number | undefined;
  /** Token requests wait for this before they are answered. */
  tokenGate: Promise<void> | undefined;
  /** API requests wait for this, after they have arrived, before they are answered. */
  answerGate: Promise<void> | undefined;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => response.destroy(error));
    });
  }

  static async start(): Promise<ScriptedApi> {
    const api = new ScriptedApi();
    await new Promise<void>((resolve) => api.#server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokensIssued(): number {
    return this.#issued;
  }

  /** Ends every token that has been issued. */
  revokeAll(): void {
    this.#valid.clear();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const body = await text(request);
    if (url.pathname.endsWith('/oauth2/token')) return this.#issue(response);
    const { authorization = [] } = request.headersDistinct;
    this.requests.push({ method: request.method ?? '', path: url.pathname + url.search, authorization, body });
    const isValid = !this.refusesAll && authorization.length === 1 && this.#valid.has(authorization[0] ?? '');
    await this.answerGate;
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
    const answer = JSON.stringify({ access_token: value, token_type: 'bearer', expires_in: 300 });
    return end(response, 200, answer, { 'content-type': 'application/json' });
  }
}

function end(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end(body);
}
