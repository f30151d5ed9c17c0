import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Exchange } from './exchange.ts';
import type { Outcome } from './outcome.ts';

/** An exchange over a real socket. Answers are written straight to it: that is fast, and faults need the socket anyway. */
export class SocketExchange implements Exchange {
  readonly isFramed = true;
  readonly signal: AbortSignal;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;

  constructor(request: Request, bindings: HttpBindings) {
    this.signal = request.signal;
    // HTTP/1.1 only: the server is created that way.
    this.#incoming = bindings.incoming as IncomingMessage;
    this.#outgoing = bindings.outgoing as ServerResponse;
  }

  answer(outcome: Outcome): Response {
    this.#writeHead(outcome, Buffer.byteLength(outcome.body));
    this.#outgoing.end(outcome.body);
    return RESPONSE_ALREADY_SENT;
  }

  truncate(outcome: Outcome): Response {
    const body = Buffer.from(outcome.body);
    // One byte is promised at least, so that the break also shows in an answer that has no body.
    this.#writeHead(outcome, Math.max(body.byteLength, 1));
    this.#outgoing.write(body.subarray(0, body.byteLength >> 1), () => this.#incoming.socket.destroy());
    return RESPONSE_ALREADY_SENT;
  }

  reset(): Response {
    this.#incoming.socket.resetAndDestroy();
    return RESPONSE_ALREADY_SENT;
  }

  hang(closing: AbortSignal): Promise<Response> {
    const outgoing = this.#outgoing;
    return new Promise((resolve) => {
      const end = (): void => resolve(RESPONSE_ALREADY_SENT);
      if (outgoing.destroyed || closing.aborted) end();
      outgoing.once('close', end);
      closing.addEventListener('abort', end, { once: true });
    });
  }

  #writeHead({ status, headers }: Outcome, length: number): void {
    const isFramedAlready = 'content-length' in headers || 'transfer-encoding' in headers;
    const hasNoBody = status === 204 || status === 304;
    const framing = isFramedAlready || hasNoBody ? headers : { ...headers, 'content-length': length };
    this.#outgoing.writeHead(status, framing);
  }
}
