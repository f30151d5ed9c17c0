import { connect } from 'node:net';

/** An answer as it stood on the wire. */
export interface RawAnswer {
  readonly statusLine: string;
  /** Header lines in their order, without `Date`. */
  readonly headers: readonly string[];
  readonly body: string;
}

/**
 * Sends bytes to an emulator and returns the bytes that come back until the server ends the connection.
 *
 * Without `host` the Host header is the caller's business.
 */
export function sendRaw(
  url: string,
  head: readonly string[],
  body = '',
  { host = true }: { readonly host?: boolean } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const [requestLine = '', ...headers] = head;
  const own = [...(host ? [`Host: ${hostname}:${port}`] : []), 'Connection: close'];
  const text = [requestLine, ...own, ...headers, '', body].join('\r\n');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(parse(Buffer.concat(chunks).toString('latin1'))));
  });
}

function parse(answer: string): RawAnswer {
  const end = answer.indexOf('\r\n\r\n');
  const [statusLine = '', ...headers] = answer.slice(0, end).split('\r\n');
  return { statusLine, headers: headers.filter((line) => !/^date:/i.test(line)), body: answer.slice(end + 4) };
}
