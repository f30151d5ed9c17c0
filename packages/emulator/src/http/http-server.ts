import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';

type Fetch = (request: Request, env: object) => Response | Promise<Response>;

/** Loopback only: the emulator's secrets are not meant to keep strangers out. */
const HOST = '127.0.0.1';

/** An app that listens on a port of this machine. */
export class HttpServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  }

  /**
   * Starts listening; port 0 takes a free one.
   *
   * @throws Error when the port is taken or not allowed.
   */
  static listen(fetch: Fetch, port: number): Promise<HttpServer> {
    const server = createAdaptorServer({
      fetch,
      hostname: HOST,
      // Tests run in this very process: their Request and Response stay what they are.
      overrideGlobalObjects: false,
      // A client that reuses a connection at the moment in which it times out sees a failure nobody asked for.
      serverOptions: { keepAliveTimeout: 600_000 },
    }) as Server;
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => reject(new Error(explain(cause), { cause })));
      server.listen(port, HOST, () => resolve(new HttpServer(server)));
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

function explain(cause: Error): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') return 'port: is in use by another program; choose another, or 0 for a free one';
  if (code === 'EACCES') return 'port: is not allowed for this user; choose one above 1023, or 0 for a free one';
  return 'port: cannot be listened on; choose another, or 0 for a free one';
}
