import type { ServerResponse } from 'node:http';
import type { AnswerSink, UpstreamAttempt } from './upstream-attempt.ts';

/** How much of an answer may wait for a caller that reads slowly, bytes. */
const mostWaiting = 128 * 1024;

/** What a relay tells about its progress. */
export interface RelayListener {
  /** Bytes came from the API, or were taken by the caller. */
  progressed(): void;
  /** The caller has been given the whole answer. */
  relayed(): void;
  /** The answer broke off; the caller knows. */
  broken(error: Error): void;
}

/** Hands the body of an answer to the caller, no faster than it is read. */
export class RelayedAnswer implements AnswerSink {
  readonly #attempt: UpstreamAttempt;
  readonly #response: ServerResponse;
  readonly #listener: RelayListener;
  readonly #isSized: boolean;
  #isPaused = false;
  #isFlushed = false;

  constructor(attempt: UpstreamAttempt, response: ServerResponse, isSized: boolean, listener: RelayListener) {
    this.#attempt = attempt;
    this.#response = response;
    this.#isSized = isSized;
    this.#listener = listener;
    // The head waits for what comes with it, not for what may come one day.
    queueMicrotask(() => {
      if (!this.#isFlushed && !response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }

  data(chunk: Buffer): void {
    this.#isFlushed = true;
    this.#listener.progressed();
    const response = this.#response;
    if (response.write(chunk) || this.#isPaused || response.writableLength < mostWaiting) return;
    this.#isPaused = true;
    this.#attempt.pause();
    response.once('drain', () => {
      this.#isPaused = false;
      this.#listener.progressed();
      this.#attempt.resume();
    });
  }

  end(): void {
    this.#isFlushed = true;
    this.#response.end();
    this.#listener.relayed();
  }

  fail(error: Error): void {
    this.cutOff();
    this.#listener.broken(error);
  }

  /** Ends the answer so that it cannot be taken for a whole one. */
  cutOff(): void {
    this.#isFlushed = true;
    const { chunkedEncoding, socket } = this.#response;
    // What lasts until its connection ends, as under HTTP/1.0, would look whole after an orderly end.
    const endsWithConnection = !chunkedEncoding && !this.#isSized;
    if (endsWithConnection && socket && !('encrypted' in socket)) socket.resetAndDestroy();
    this.#response.destroy();
  }
}
