import { connect } from 'node:net';

/** The bytes of a response. */
export interface RawResponse {
  readonly statusLine: string;
  /** Header lines in their order, without `Date`. */
  readonly headers: readonly string[];
  readonly body: string;
}

/**
 * Sends bytes to an emulator and returns the response.
 *
 * With `host: false`, the caller sends the Host header.
 */
export function sendRaw(
  url: string,
  head: readonly string[],
  body = '',
  { host = true }: { readonly host?: boolean } = {},
): Promise<RawResponse> {
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

function parse(response: string): RawResponse {
  const end = response.indexOf('\r\n\r\n');
  const [statusLine = '', ...headers] = response.slice(0, end).split('\r\n');
  return { statusLine, headers: headers.filter((line) => !/^date:/i.test(line)), body: response.slice(end + 4) };
}
