import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gate } from '../gate.ts';

/** A request to the API, or to the other host. */
export interface FakeApiRequest {
  readonly method: string;
  /** With the query, as it arrived. */
  readonly path: string;
  readonly host: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  /** Every `Authorization` header, in order. More than one is a fault of the sender. */
  readonly authorization: readonly string[];
  /** The first `Authorization` header, without `Bearer planted-`. */
  readonly token: string | undefined;
  readonly body: string;
  readonly bytes: Buffer;
}

/** Responds to a request. What it throws closes the connection. */
export type FakeApiResponder = (request: FakeApiRequest, response: ServerResponse) => void | Promise<void>;

/** What an API may have different from the others. */
export interface FakeApiOptions {
  /** The base path, with a slash at its end. @default '/api/' */
  readonly base?: string;
  /** Creates its server, for TLS or HTTP/2. @default that of `node:http` */
  readonly createServer?: (onRequest: (request: IncomingMessage, response: ServerResponse) => void) => Server;
}

/**
 * An HTTP server: the API below `/api/`, its token endpoint at every path that ends with `/oauth2/token`, and another host, which needs
 * no token, at all other paths. The tokens are `planted-token-1`, `planted-token-2` and so on.
 */
export class FakeApi {
  /** The requests that arrived, without token requests. */
  readonly requests: FakeApiRequest[] = [];
  /** The number of token requests. `respondToToken` decides whether each gets a token. */
  tokenRequests = 0;
  /** The number of requests whose client disconnected before the response was complete, without token requests. */
  abandoned = 0;
  /** Refuses every token, also new ones. */
  refusesAll = false;
  /** Responds to a request with a valid token, and to every request outside of the API. */
  respond: FakeApiResponder = (_, response) => void response.end('{"ok":true}');
  /** Responds to a request of the API without exactly one valid token. */
  refuse: FakeApiResponder = (_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end('{"error":"invalid_token"}');
  };
  respondToToken: FakeApiResponder = (_, response) => {
    const token = { access_token: `planted-token-${this.tokenRequests}`, token_type: 'bearer', expires_in: 300 };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(token));
  };
  readonly base: string;
  readonly #valid = new Set<string>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor({ base = '/api/', createServer = createHttpServer }: FakeApiOptions = {}) {
    this.base = base;
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => this.#sockets.add(socket));
  }

  static async start<Options extends FakeApiOptions, Api extends FakeApi>(
    this: new (
      options?: Options,
    ) => Api,
    options?: Options,
  ): Promise<Api> {
    const fakeApi = new this(options);
    await new Promise<void>((resolve) => fakeApi.#server.listen(0, '127.0.0.1', resolve));
    return fakeApi;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get apiUrl(): string {
    return `${this.origin}${this.base}`;
  }

  /** Revokes every token that has been issued. */
  revokeAll(): void {
    this.#valid.clear();
  }

  /** Holds responses back until the returned function is called. */
  hold(responder: 'respond' | 'refuse' | 'respondToToken'): () => void {
    const { opened, open } = gate();
    const respond = this[responder];
    this[responder] = async (...call) => {
      await opened;
      await respond(...call);
    };
    return open;
  }

  /** Closes every connection, and refuses new ones. */
  async close(): Promise<void> {
    // A server of HTTP/2 has no `closeAllConnections()`.
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers, rawHeaders } = incoming;
    const authorization = rawHeaders.filter(
      (_, index) => /^authorization$/i.test(rawHeaders[index - 1] ?? '') && index % 2 === 1,
    );
    const isToken = /\/oauth2\/token($|\?)/.test(path);
    response.on('close', () => {
      if (!isToken && !response.writableFinished) this.abandoned++;
    });
    const bytes = await buffer(incoming);
    const body = bytes.toString();
    const token = authorization[0]?.replace('Bearer planted-', '');
    const request = { method, path, host: headers.host ?? '', headers, rawHeaders, authorization, token, body, bytes };
    if (isToken) {
      this.#valid.add(`Bearer planted-token-${++this.tokenRequests}`);
      return this.respondToToken(request, response);
    }
    this.requests.push(request);
    const isValid = !this.refusesAll && authorization.length === 1 && this.#valid.has(authorization[0] ?? '');
    const isOutside = !path.startsWith(this.base);
    await (isOutside || isValid ? this.respond : this.refuse)(request, response);
  }
}
