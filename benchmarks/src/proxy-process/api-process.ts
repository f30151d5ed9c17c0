import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';

// The API on bare sockets, so that its own cost hardly affects the measurement.
const authorization = 'Bearer token';
const token = JSON.stringify({ access_token: 'token', token_type: 'bearer', expires_in: 3_600 });
const head = (length: number, type: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\nETag: "a"\r\n\r\n`;
const toResponse = (body: string | Buffer, type: string) =>
  Buffer.concat([Buffer.from(head(body.length, type)), Buffer.from(body)]);
const refusal = Buffer.from('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
const responses = new Map<string, Buffer>();
/** Not compressible, because gzip looks back 32 KiB at most. */
const block = randomBytes(64 * 1024);

const server = createServer((socket) => {
  let pending = '';
  socket.setNoDelay(true).on('error', () => {});
  socket.on('data', (bytes) => {
    pending += bytes.toString('latin1');
    const end = pending.indexOf('\r\n\r\n');
    if (end < 0) return;
    const request = pending.slice(0, end);
    // Bodies are ignored: only token requests have one.
    pending = '';
    if (request.startsWith('POST')) {
      if (request.includes('/oauth2/token')) socket.write(toResponse(token, 'application/json'));
    } else if (/\r\nauthorization: Bearer token(?:\r|$)/i.test(request)) serve(socket, request);
    else socket.write(refusal);
  });
});

/** The path contains the number of bytes. */
function serve(socket: Socket, request: string): void {
  const [, digits = '0'] = /^GET \/items\/(\d+)/.exec(request) ?? [];
  const length = Number(digits);
  if (length > 2 ** 20) {
    void stream(socket, length);
    return;
  }
  let whole = responses.get(digits);
  if (!whole) {
    whole = toResponse(Buffer.alloc(length, 'a'), 'text/plain');
    responses.set(digits, whole);
  }
  socket.write(whole);
}

async function stream(socket: Socket, length: number): Promise<void> {
  socket.write(head(length, 'application/octet-stream'));
  for (let left = length; left > 0 && !socket.destroyed; left -= block.length) {
    if (!socket.write(left < block.length ? block.subarray(0, left) : block)) {
      await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
      socket.removeAllListeners('drain').removeAllListeners('close');
    }
  }
}

process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  process.send?.({ origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, authorization });
});
