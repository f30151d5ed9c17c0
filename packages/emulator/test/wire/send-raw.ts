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
 * With `host: false`, the caller sends the Host header. `halfway` is called when the emulator has received the head and half
 * of the body; the rest is sent afterwards.
 */
export function sendRaw(
  url: string,
  head: readonly string[],
  body = '',
  { host = true, halfway }: { readonly host?: boolean; readonly halfway?: () => Promise<unknown> } = {},
): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const [requestLine = '', ...headers] = head;
  const own = [...(host ? [`Host: ${hostname}:${port}`] : []), 'Connection: close'];
  const text = [requestLine, ...own, ...headers, '', body].join('\r\n');
  const half = halfway === undefined ? text.length : text.length - (body.length >> 1);
  const send = async (): Promise<void> => {
    socket.write(text.slice(0, half));
    if (halfway === undefined) return;
    // The emulator receives these requests after the first half.
    for (let call = 0; call < 3; call += 1) await fetch(`${url}/_emulator/ready`);
    await halfway();
    socket.write(text.slice(half));
  };
  const socket = connect(Number(port), hostname);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    socket.on('connect', () => void send().catch(reject));
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
