import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { deferred } from './deferred.ts';

/** A TCP server that writes any bytes as its response, HTTP or not. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** The complete requests that were received. */
  readonly requests: readonly string[];
  /** How many connections have been opened. */
  readonly connections: number;
  /** Resolves when the first request was received and `respond` was called for it. */
  readonly responded: Promise<void>;
  /** Resolves when every connection that has carried a request is closed. Node opens a spare one after an abort. */
  allClosed(): Promise<unknown>;
}

/** Starts one on a free port of 127.0.0.1. It never closes a connection by itself. */
export async function startRawServer(respond: (socket: Socket, request: string) => void): Promise<RawServer> {
  const requests: string[] = [];
  const closed: Promise<unknown>[] = [];
  const sockets = new Set<Socket>();
  const responded = deferred<void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const close = new Promise((resolve) => socket.on('close', resolve));
    // A client may disconnect at any moment, which most of these tests provoke.
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!isComplete(received)) return;
      requests.push(received);
      closed.push(close);
      respond(socket, received);
      received = '';
      responded.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/oauth2/token`,
    requests,
    get connections() {
      return sockets.size;
    },
    responded: responded.promise,
    allClosed: () => Promise.all(closed),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function isComplete(request: string): boolean {
  const headersEnd = request.indexOf('\r\n\r\n');
  if (headersEnd < 0) return false;
  const length = /^content-length: (\d+)/im.exec(request)?.[1];
  return length === undefined ? request.endsWith('0\r\n\r\n') : request.length >= headersEnd + 4 + Number(length);
}
