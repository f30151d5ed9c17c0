import { AsyncResource } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { AccessToken } from '@instellix/core';
import type { DriverResponse } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import type { ProxySettings } from './proxy-settings.ts';
import type { ValidatedRequest } from './validated-request.ts';

/** Receives the body of a response. */
export interface BodySink {
  /** Returns false to pause until {@link ApiRequest.resume}. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  /** The body broke off. */
  onError(error: Error): void;
}

/** The head of a response. */
export interface ApiResponse extends DriverResponse {
  readonly headers: IncomingHttpHeaders;
  readonly request: ApiRequest;
}

/** Reading more than this of a response that is not forwarded costs more than the connection that it saves. */
const discardLimit = 64 * 1024;
const discardMs = 2_000;

/**
 * One request that is sent to the API. undici calls its handler in the asynchronous context of whichever request has opened the connection;
 * what the handler calls runs in that of its own request.
 */
export class ApiRequest extends AsyncResource implements Dispatcher.DispatchHandler {
  readonly token: AccessToken;
  readonly #chooseSink: (response: ApiResponse) => BodySink;
  #resolve: (response: ApiResponse) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  /** Resolves with the head of the response. */
  readonly response = new Promise<ApiResponse>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;
  #sink: BodySink | undefined;

  /** @param chooseSink called with the head of the response, at once, because undici waits for no promise before it sends the body */
  constructor(
    { dispatcher, apiOrigin }: Pick<ProxySettings, 'dispatcher' | 'apiOrigin'>,
    validated: ValidatedRequest,
    body: Buffer | Readable | null,
    token: AccessToken,
    chooseSink: (response: ApiResponse) => BodySink,
  ) {
    super('InstellixProxyRequest');
    this.token = token;
    this.#chooseSink = chooseSink;
    const { method, apiTarget, bodyLength, headers } = validated;
    const length = bodyLength ? ['content-length', String(bodyLength)] : [];
    const options: Dispatcher.DispatchOptions = {
      origin: apiOrigin,
      path: apiTarget,
      method: method as Dispatcher.HttpMethod,
      headers: [...headers, 'authorization', `Bearer ${token.value}`, ...length],
      body,
      // The exchange has its own timers: a caller that reads slowly does not make the API slow.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    dispatcher.dispatch(options, this);
  }

  /** Whether the sink has to catch up. */
  get isPaused(): boolean {
    return this.#controller?.paused === true;
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(aborted);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while the connection was being made: nothing is sent.
    if (this.#isAborted) controller.abort(aborted);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    // Redirects are not followed: they are forwarded, or refused.
    const response = { status, headers, request: this, hadToken: true };
    try {
      this.#sink = this.runInAsyncScope(this.#chooseSink, undefined, response);
      this.#resolve(response);
    } catch (error) {
      this.#reject(error);
      this.abort();
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const sink = this.#sink;
    // After each pause, undici 7 passes an empty chunk. Node would write it to the caller's connection, with a system call of its own.
    if (sink && chunk.length > 0 && this.runInAsyncScope(sink.onData, sink, chunk) === false) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#sink) this.runInAsyncScope(this.#sink.onEnd, this.#sink);
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    // Without effect once the head has arrived.
    this.#reject(error);
    if (this.#sink) this.runInAsyncScope(this.#sink.onError, this.#sink, error);
  }
}

/** Returns a sink that reads a body to its end, so that the connection can be used again. A long or slow body is cut off. */
export function createDiscardingSink(request: ApiRequest): BodySink {
  let left = discardLimit;
  const timer = setTimeout(() => request.abort(), discardMs).unref();
  const stop = () => clearTimeout(timer);
  const onData = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.abort();
    return true;
  };
  return { onData, onEnd: stop, onError: stop };
}

/** One for all requests, because nothing shows its stack. */
const aborted = new Error('The request was aborted');
