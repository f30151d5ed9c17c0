import type { ServerResponse } from 'node:http';
import { SpentMemory } from './spent-memory.ts';
import type { ResponseSink, UpstreamRequest } from './upstream-request.ts';

/** How much of an answer may wait for a caller that reads slowly, bytes. */
const mostWaiting = 64 * 1024;

/** What a relay tells about its progress. */
export interface RelayListener {
  /** Bytes came from the API, or were taken by the caller. */
  progressed(): void;
  /** The caller has been given the whole answer. */
  relayed(): void;
  /** The answer broke off; the caller knows. */
  broken(error: Error): void;
}

/** Up to that length, bytes, copying a body into the same piece as its head is cheaper than sending two. */
const smallBody = 4 * 1024;

/** Hands the body of an answer to the caller, no faster than it is read. */
export class ResponseRelay implements ResponseSink {
  readonly #attempt: UpstreamRequest;
  readonly #response: ServerResponse;
  readonly #listener: RelayListener;
  readonly #isSized: boolean;
  readonly #spent: SpentMemory;
  /** What has come together with the head. */
  #first: Buffer | undefined;
  #isPaused = false;
  #isFlushed = false;

  constructor(attempt: UpstreamRequest, response: ServerResponse, isSized: boolean, listener: RelayListener) {
    this.#attempt = attempt;
    this.#response = response;
    this.#isSized = isSized;
    this.#spent = new SpentMemory(response);
    this.#listener = listener;
    // The head waits for what comes with it, not for what may come one day.
    queueMicrotask(() => this.#flush());
  }

  data(chunk: Buffer): void {
    if (this.#isFlushed || this.#first) this.#write(chunk);
    else this.#first = chunk;
  }

  end(): void {
    const first = this.#first;
    this.#first = undefined;
    this.#isFlushed = true;
    if (!first) this.#response.end();
    else if (first.length > smallBody) this.#response.end(first);
    else this.#response.end(first.toString('latin1'), 'latin1');
    this.#listener.relayed();
  }

  fail(error: Error): void {
    this.abortResponse();
    this.#listener.broken(error);
  }

  #flush(): void {
    if (this.#isFlushed) return;
    this.#isFlushed = true;
    const first = this.#first;
    this.#first = undefined;
    if (first) this.#write(first);
    else this.#response.flushHeaders();
  }

  #write(chunk: Buffer): void {
    this.#flush();
    this.#listener.progressed();
    const response = this.#response;
    const isTaken = response.write(chunk, this.#spent.whenWritten(chunk));
    if (isTaken || this.#isPaused || response.writableLength < mostWaiting) return;
    this.#isPaused = true;
    this.#attempt.pause();
    response.once('drain', () => {
      this.#isPaused = false;
      this.#listener.progressed();
      this.#attempt.resume();
    });
  }

  /** Ends the answer so that it cannot be taken for a whole one. */
  abortResponse(): void {
    this.#isFlushed = true;
    const { chunkedEncoding, socket } = this.#response;
    // What lasts until its connection ends, as under HTTP/1.0, would look whole after an orderly end.
    const endsWithConnection = !chunkedEncoding && !this.#isSized;
    if (endsWithConnection && socket && !('encrypted' in socket)) socket.resetAndDestroy();
    this.#response.destroy();
  }
}
