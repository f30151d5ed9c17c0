import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { deferred } from './deferred.ts';

/** A server that writes what it is told to, byte by byte, whether it is HTTP or not. */
export interface RawServer extends AsyncDisposable {
  readonly url: string;
  /** What has arrived, complete requests only. */
  readonly requests: readonly string[];
  /** How many connections were ever opened. */
  readonly connections: number;
  /** Ends once the first request has arrived and was answered as told. */
  readonly answered: Promise<void>;
  /** Ends once no connection is open that has carried a request; Node opens a spare one after an abort, and closes it later. */
  allClosed(): Promise<unknown>;
}

/** Starts one on a free port of 127.0.0.1; it never closes a connection by itself. */
export async function startRawServer(answer: (socket: Socket, request: string) => void): Promise<RawServer> {
  const requests: string[] = [];
  const closed: Promise<unknown>[] = [];
  const sockets = new Set<Socket>();
  const answered = deferred<void>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const close = new Promise((resolve) => socket.on('close', resolve));
    // A client may go at any moment; that is what most of these tests are about.
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!isComplete(received)) return;
      requests.push(received);
      closed.push(close);
      answer(socket, received);
      received = '';
      answered.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/oauth2/token`,
    requests,
    get connections() {
      return sockets.size;
    },
    answered: answered.promise,
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
