import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { JSON_HEADERS } from './exchange.ts';

/** What comes with a request: its Node counterparts over a socket, nothing in memory. */
export interface AppEnv {
  Bindings: HttpBindings | Record<string, never>;
}

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/** Where to listen. */
export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** The `Date` of a response. */
  date(): string;
}

/** An app that listens on a port of this machine. */
export class HttpServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = toUrl(server.address() as AddressInfo);
  }

  /**
   * Starts listening; port 0 takes a free one.
   *
   * @throws Error when the port is taken or not allowed.
   */
  static listen(fetch: Fetch, { port, host, date }: ListenOptions): Promise<HttpServer> {
    const server = createAdaptorServer({
      fetch(request, env) {
        const { incoming, outgoing } = env as HttpBindings;
        outgoing.setHeader('date', date());
        return incoming.headersDistinct['host']?.[1] !== undefined ? twoHosts() : fetch(request, env);
      },
      hostname: host,
      // Tests run in this very process: their Request and Response stay what they are.
      overrideGlobalObjects: false,
      // A client that reuses a connection at the moment in which it times out gets an error that no test asked for.
      // A request that drips in slowly ends after a minute; an answer may take its time.
      serverOptions: { keepAliveTimeout: 600_000, headersTimeout: 30_000, requestTimeout: 60_000 },
    }) as Server;
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => reject(new Error(explain(cause, port, host), { cause })));
      server.listen(port, host, () => resolve(new HttpServer(server)));
    });
  }

  /** Ends every connection, also those that wait for an answer, and stops listening. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

/** The URL at which this machine reaches the server; "all addresses" is none that can be called. */
function toUrl({ address, family, port }: AddressInfo): string {
  const callable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${family === 'IPv6' ? `[${callable}]` : callable}:${port}`;
}

/** @see RFC 9112 section 3.2 */
function twoHosts(): Response {
  const body = '{"error":"invalid_request","error_description":"there is more than one Host header"}';
  return new Response(body, { status: 400, headers: JSON_HEADERS });
}

function explain(cause: Error, port: number, host: string): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return `port: ${port} is in use by another program; choose another, or 0 for a free one`;
  if (code === 'EACCES')
    return `port: ${port} is not allowed for this user; choose one above 1023, or 0 for a free one`;
  if (code === 'EADDRNOTAVAIL')
    return `host: ${host} is not an address of this machine; choose another, or leave it out`;
  return `port: ${port} cannot be listened on; choose another, or 0 for a free one`;
}
