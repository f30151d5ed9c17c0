import type { ResponseSink, UpstreamRequest } from './upstream-request.ts';

/** More than that, bytes or milliseconds, is not worth the connection that it would save. */
const maxBytes = 64 * 1024;
const maxMs = 2_000;

/** Reads an answer that nobody gets to its end, so that its connection can be used again; a long one is cut off. */
export class ResponseDrain implements ResponseSink {
  readonly #attempt: UpstreamRequest;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(attempt: UpstreamRequest) {
    this.#attempt = attempt;
    this.#timer = setTimeout(() => this.#abortResponse(), maxMs).unref();
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > maxBytes) this.#abortResponse();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  fail(): void {
    this.end();
  }

  #abortResponse(): void {
    this.#attempt.abort();
    this.end();
  }
}
