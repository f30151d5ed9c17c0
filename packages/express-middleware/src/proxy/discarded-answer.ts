import type { AnswerSink, UpstreamAttempt } from './upstream-attempt.ts';

/** More than that, bytes or milliseconds, is not worth the connection that it would save. */
const mostBytes = 64 * 1024;
const mostMs = 2_000;

/** Reads an answer that nobody gets to its end, so that its connection can be used again; a long one is cut off. */
export class DiscardedAnswer implements AnswerSink {
  readonly #attempt: UpstreamAttempt;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(attempt: UpstreamAttempt) {
    this.#attempt = attempt;
    this.#timer = setTimeout(() => this.#cutOff(), mostMs).unref();
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > mostBytes) this.#cutOff();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  fail(): void {
    this.end();
  }

  #cutOff(): void {
    this.#attempt.abort();
    this.end();
  }
}
