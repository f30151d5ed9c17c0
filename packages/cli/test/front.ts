import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { generate } from 'selfsigned';
import { endWithTest } from './emulators.ts';

/** A server in front of an emulator. */
export interface FrontOptions {
  /** Where requests are passed on to. */
  readonly target?: string;
  /** Changes the headers of requests. */
  readonly rewrite?: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  /** Headers of all responses. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Starts such a server on a free port of 127.0.0.1, and returns its URL. It ends with the test. */
export async function startFront({
  target,
  rewrite = (headers) => headers,
  headers = {},
  tls,
}: FrontOptions): Promise<string> {
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (target === undefined) {
      response.end();
      return;
    }
    const { host: _, connection: __, 'transfer-encoding': ___, ...kept } = rewrite(request.headers);
    const { method = 'GET', url = '/' } = request;
    const body = method === 'GET' || method === 'HEAD' ? {} : { body: new Uint8Array(await buffer(request)) };
    const init = { method, headers: kept as Record<string, string>, redirect: 'manual', ...body } as const;
    const passedOn = await fetch(target + url, init);
    response.writeHead(passedOn.status, { 'content-type': passedOn.headers.get('content-type') ?? 'text/plain' });
    response.end(await passedOn.text());
  };
  return startServer(respond, tls);
}

/** Starts a server on a free port of 127.0.0.1, and returns its URL. It ends with the test. */
export async function startServer(respond: RequestListener, tls?: FrontOptions['tls']): Promise<string> {
  const server = tls ? createTlsServer(tls, respond) : createServer(respond);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endWithTest({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Creates a certificate that signs itself. */
export async function createCertificate(ip: string, notAfterDate?: Date) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Example CA' }], {
    keyType: 'ec',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: notAfterDate ?? new Date(Date.now() + 365 * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip }] },
    ],
  });
  return { key, cert };
}

/** Starts a server that speaks another protocol: it writes a line and ends. Returns its port. It ends with the test. */
export async function startBanner(line: string): Promise<number> {
  const server = createTcpServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end(line),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  endWithTest({ [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) });
  return (server.address() as AddressInfo).port;
}

/** Undoes the form encoding of a Basic pair, as servers do that keep to RFC 6749 section 2.3.1. */
export function decodeBasicPair({ authorization = '', ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  if (!authorization.startsWith('Basic ')) return { ...headers, ...(authorization && { authorization }) };
  const pair = Buffer.from(authorization.slice('Basic '.length), 'base64').toString();
  const [id = '', secret = ''] = pair.split(':').map((half) => decodeURIComponent(half.replaceAll('+', ' ')));
  return { ...headers, authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
