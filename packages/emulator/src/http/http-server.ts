import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { JSON_HEADERS } from './exchange.ts';

/** The bindings of a request: the objects of Node for one over a socket, none for one in memory. */
export interface AppEnv {
  Bindings: HttpBindings | Record<string, never>;
}

/** The Host header of a request over a socket, whose framing an HTTP parser has checked; `undefined` without a socket. */
export function hostOf({ env }: { readonly env: AppEnv['Bindings'] }): string | undefined {
  return 'incoming' in env ? ((env as HttpBindings).incoming.headers.host ?? '') : undefined;
}

/** An app that listens on a port of this machine. */
export interface HttpServer {
  readonly url: string;
  /** Ends every connection, also those with a request in progress, and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts listening; port 0: a free port.
 *
 * @param date returns the `Date` header of a response.
 * @throws Error when the port is in use or not permitted.
 */
export function listen({ fetch }: Hono<AppEnv>, port: number, host: string, date: () => string): Promise<HttpServer> {
  const server = createAdaptorServer({
    fetch(request, env) {
      const { incoming, outgoing } = env as HttpBindings;
      outgoing.setHeader('date', date());
      return incoming.headersDistinct['host']?.[1] !== undefined ? twoHosts() : fetch(request, env);
    },
    hostname: host,
    // Tests run in this process: their global Request and Response must not be replaced.
    overrideGlobalObjects: false,
    // A long keep-alive: a client that reuses a connection just when it times out would get a connection error.
    serverOptions: { keepAliveTimeout: 600_000, headersTimeout: 30_000, requestTimeout: 60_000 },
  }) as Server;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new Error(explain(cause, port, host), { cause })));
    server.listen(port, host, () => resolve({ url: toUrl(server.address() as AddressInfo), close }));
  });
}

/** Returns the URL of the server on this machine. "All addresses" becomes loopback. */
function toUrl({ address, family, port }: AddressInfo): string {
  const callable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
  return `http://${family === 'IPv6' ? `[${callable}]` : callable}:${port}`;
}

/** @see RFC 9112 section 3.2 */
function twoHosts(): Response {
  const body = '{"error":"invalid_request","error_description":"the request has more than one Host header"}';
  return new Response(body, { status: 400, headers: JSON_HEADERS });
}

function explain(cause: Error, port: number, host: string): string {
  const code = 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE')
    return `port: ${port} is in use by another program; choose another port, or 0 for a free one`;
  if (code === 'EACCES')
    return `port: ${port} is not permitted for this user; choose a port above 1023, or 0 for a free one`;
  if (code === 'EADDRNOTAVAIL')
    return `host: ${host} is not an address of this machine; choose another address, or leave it out`;
  return `port: cannot listen on ${port} (${code}); choose another port, or 0 for a free one`;
}
