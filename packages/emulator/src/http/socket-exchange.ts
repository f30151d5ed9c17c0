import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Exchange, WireResponse } from './exchange.ts';

/** A request over a socket. Responses are written to the socket directly, because faults need access to it. */
export class SocketExchange implements Exchange {
  readonly isFramed = true;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;

  constructor(bindings: HttpBindings) {
    // The server speaks HTTP/1.1 only.
    this.#incoming = bindings.incoming as IncomingMessage;
    this.#outgoing = bindings.outgoing as ServerResponse;
  }

  gone(): AbortSignal {
    const controller = new AbortController();
    this.#outgoing.once('close', () => controller.abort());
    if (this.#outgoing.destroyed) controller.abort();
    return controller.signal;
  }

  respond(outcome: WireResponse): Response {
    this.#writeHead(outcome, Buffer.byteLength(outcome.body));
    this.#outgoing.end(outcome.body);
    return RESPONSE_ALREADY_SENT;
  }

  truncate(outcome: WireResponse): Response {
    const body = Buffer.from(outcome.body);
    // A length of at least one byte, so that a response without a body is cut off, too.
    this.#writeHead(outcome, Math.max(body.byteLength, 1));
    this.#outgoing.write(body.subarray(0, body.byteLength >> 1), () => this.#incoming.socket.destroy());
    return RESPONSE_ALREADY_SENT;
  }

  reset(): Response {
    this.#incoming.socket.resetAndDestroy();
    return RESPONSE_ALREADY_SENT;
  }

  hang(closing: AbortSignal): Promise<Response> {
    const end = AbortSignal.any([this.gone(), closing]);
    return new Promise((resolve) => {
      if (end.aborted) resolve(RESPONSE_ALREADY_SENT);
      end.addEventListener('abort', () => resolve(RESPONSE_ALREADY_SENT), { once: true });
    });
  }

  #writeHead({ status, headers }: WireResponse, length: number): void {
    const isFramedAlready = 'content-length' in headers || 'transfer-encoding' in headers;
    const hasNoBody = status === 204 || status === 304;
    const framing = isFramedAlready || hasNoBody ? headers : { ...headers, 'content-length': length };
    this.#outgoing.writeHead(status, framing);
  }
}
