import type { Exchange, WireResponse } from './exchange.ts';

/** A request through `emulator.fetch`. A broken connection is a rejected fetch or a failing body. */
export class MemoryExchange implements Exchange {
  readonly isFramed = false;
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  gone(): AbortSignal {
    return this.#request.signal;
  }

  respond({ status, headers, body }: WireResponse): Response {
    const hasNoBody = this.#request.method === 'HEAD' || status === 204 || status === 205 || status === 304;
    const length = 'content-length' in headers ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return hasNoBody
      ? new Response(null, { status, headers })
      : new Response(body, { status, headers: { ...headers, ...length } });
  }

  truncate({ status, headers, body }: WireResponse): Response {
    const half = Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1);
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (half.byteLength > 0) controller.enqueue(new Uint8Array(half));
        controller.error(new BrokenConnectionError('terminated'));
      },
    });
    return new Response(stream, { status: status === 204 || status === 205 || status === 304 ? 200 : status, headers });
  }

  reset(): Response {
    throw new BrokenConnectionError('fetch failed');
  }

  hang(closing: AbortSignal): Promise<Response> {
    const gone = this.gone();
    const end = AbortSignal.any([gone, closing]);
    return new Promise((_resolve, reject) => {
      const leave = (): void => reject(gone.aborted ? gone.reason : new BrokenConnectionError('fetch failed'));
      if (end.aborted) leave();
      end.addEventListener('abort', leave, { once: true });
    });
  }
}

/** The error of `fetch` when a connection breaks: a TypeError whose cause has the code `ECONNRESET`. */
class BrokenConnectionError extends TypeError {
  override readonly name = 'TypeError';

  constructor(message: string) {
    super(message, { cause: Object.assign(new Error('connection reset by a fault'), { code: 'ECONNRESET' }) });
  }
}
