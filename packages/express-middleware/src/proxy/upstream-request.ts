import type { Dispatcher } from 'undici';
import type { ReceivedHeaders } from './response-headers.ts';
import type { Upstream } from './upstream.ts';

/** What an answer does with its body. */
export interface ResponseSink {
  data(chunk: Buffer): void;
  end(): void;
  /** The answer will not be whole. */
  fail(error: Error): void;
}

/** Who sends a request, and what it does about the answer. */
export interface UpstreamRequestOwner {
  /** The request is being sent. */
  started(): void;
  answered(attempt: UpstreamRequest, status: number, headers: ReceivedHeaders): ResponseSink;
  /** There will be no answer. */
  failed(error: Error): void;
}

/** One request sent to the API. */
export class UpstreamRequest implements Dispatcher.DispatchHandler {
  readonly #upstream: Upstream;
  readonly #owner: UpstreamRequestOwner;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: ResponseSink | undefined;
  #isAborted = false;

  constructor(upstream: Upstream, owner: UpstreamRequestOwner) {
    this.#upstream = upstream;
    this.#owner = owner;
  }

  /** Ends the request; nobody is told. */
  abort(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#controller?.abort(aborted);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was given up while the connection was being made: nothing is sent.
    if (this.#isAborted) controller.abort(aborted);
    else this.#owner.started();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: ReceivedHeaders): void {
    if (status < 200 || this.#isAborted) return;
    this.#sink = this.#owner.answered(this, status, headers);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#isAborted) this.#sink?.data(chunk);
  }

  onResponseEnd(): void {
    if (this.#isAborted) return;
    if (this.#upstream.isSocketFailing) this.#sink?.fail(new Error('The connection was reset'));
    else this.#sink?.end();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#isAborted) return;
    if (this.#sink) this.#sink.fail(error);
    else this.#owner.failed(error);
  }
}

/** One for all: nobody sees it, and a stack would be made in vain. */
const aborted = new Error('The request was given up');
