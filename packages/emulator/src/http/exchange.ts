import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { NO_BODY } from './body.ts';

/** A response to send. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers of every JSON response. Caches must not store tokens and the data of customers (RFC 6749 section 5.1). */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};

/** A request in progress, with or without a socket, and the ways to end it. */
export interface Exchange {
  respond(outcome: WireResponse): Response;
  /** Sends the first half of the response and breaks the connection. */
  truncate(outcome: WireResponse): Response;
  reset(): Response;
}

/** A request over a socket. Responses are written to the socket directly, because faults need access to it. */
export function socketExchange(bindings: HttpBindings): Exchange {
  // The server speaks HTTP/1.1 only.
  const incoming = bindings.incoming as IncomingMessage;
  const outgoing = bindings.outgoing as ServerResponse;
  const writeHead = ({ status, headers }: WireResponse, length: number): void => {
    const isFramed = 'content-length' in headers || 'transfer-encoding' in headers || status === 204 || status === 304;
    outgoing.writeHead(status, isFramed ? headers : { ...headers, 'content-length': length });
  };
  return {
    respond(response) {
      writeHead(response, Buffer.byteLength(response.body));
      outgoing.end(response.body);
      return RESPONSE_ALREADY_SENT;
    },
    truncate(response) {
      const body = Buffer.from(response.body);
      // A length of at least one byte, so that a response without a body is cut off, too.
      writeHead(response, Math.max(body.byteLength, 1));
      outgoing.write(body.subarray(0, body.byteLength >> 1), () => incoming.socket.destroy());
      return RESPONSE_ALREADY_SENT;
    },
    reset() {
      incoming.socket.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    },
  };
}

/** A request through `emulator.fetch`. A broken connection is a rejected fetch or a failing body. */
export function memoryExchange(request: Request): Exchange {
  return {
    respond({ status, headers, body }) {
      if (request.method === 'HEAD' || NO_BODY.includes(status)) return new Response(null, { status, headers });
      return new Response(body, { status, headers: { 'content-length': String(Buffer.byteLength(body)), ...headers } });
    },
    truncate({ status, headers, body }) {
      const half = Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1);
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (half.byteLength > 0) controller.enqueue(new Uint8Array(half));
          controller.error(brokenConnection('terminated'));
        },
      });
      return new Response(stream, { status: NO_BODY.includes(status) ? 200 : status, headers });
    },
    reset() {
      request.signal.throwIfAborted();
      throw brokenConnection('fetch failed');
    },
  };
}

/** The error of `fetch` when a connection breaks. */
function brokenConnection(message: string): TypeError {
  const cause = Object.assign(new Error('connection reset by a fault'), { code: 'ECONNRESET' });
  return new TypeError(message, { cause });
}

/** @throws TypeError when `value` is not a Request. */
export function requireRequest(value: unknown): asserts value is Request {
  // Not `instanceof`: test environments and polyfills have Request classes of their own.
  const isRequest =
    typeof value === 'object' && value !== null && 'headers' in value && 'url' in value && 'signal' in value;
  if (!isRequest) throw new TypeError('fetch: request: must be a Request; create one with new Request(url, init)');
}
