import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';

/** An https server with a certificate that no client trusts. */
export interface TlsServer extends AsyncDisposable {
  readonly url: string;
  /** How many connections have been opened, each for one handshake. */
  readonly connections: number;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startTlsServer(options: ServerOptions = {}): Promise<TlsServer> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], { keyType: 'ec' });
  const sockets = new Set<Socket>();
  const server = createServer({ key, cert, ...options }, (_, response) => response.end());
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/acme/oauth2/token`,
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
