import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy for CONNECT requests. */
export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** The targets of all tunnels. */
  readonly tunnels: readonly string[];
}

export interface ConnectProxyOptions {
  /** Whether it opens tunnels. Otherwise it responds with 407. @default true */
  readonly isOpen?: boolean;
  /** The port of 127.0.0.1 to which all tunnels lead. @default the port of each target */
  readonly port?: number;
}

/** Starts a proxy whose tunnels all lead to 127.0.0.1. It responds with 405 to requests without a tunnel. */
export async function startConnectProxy({ isOpen = true, port }: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url = '' }, socket) => {
    if (!isOpen) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    tunnels.push(url);
    const upstream = connect(port ?? Number(url.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
    });
    sockets.add(socket.on('error', () => upstream.destroy()));
    sockets.add(upstream.on('error', () => socket.destroy()));
    return socket.pipe(upstream).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
