import type { AnswerSink, UpstreamAttempt } from './upstream-attempt.ts';

/** More than that, bytes or milliseconds, is not worth the connection that it would save. */
const mostBytes = 64 * 1024;
const mostMs = 2_000;

/** Reads an answer that nobody gets to its end, so that its connection can be used again; a long one is cut off. */
export class DiscardedAnswer implements AnswerSink {
  /** Fulfilled once the answer is out of the way. */
  readonly gone: Promise<void>;
  readonly #attempt: UpstreamAttempt;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #done = () => {};

  constructor(attempt: UpstreamAttempt) {
    this.#attempt = attempt;
    this.gone = new Promise((resolve) => {
      // Undici takes a turn of the event loop before it hands the connection out again.
      this.#done = () => setImmediate(setImmediate, resolve);
    });
    this.#timer = setTimeout(() => this.#cutOff(), mostMs).unref();
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > mostBytes) this.#cutOff();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#done();
  }

  fail(): void {
    this.end();
  }

  #cutOff(): void {
    this.#attempt.abort();
    this.end();
  }
}
