import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { type AccessToken, describeRefusal, type Environment, type RequestRefusedError } from '@instellix/core';
import { type DriverResponse, describeEnvironment, readBearerChallenge } from '@instellix/core/adapter';
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

/** The head of a response; its request has the body. */
export interface ApiResponse extends DriverResponse {
  readonly headers: IncomingHttpHeaders;
  readonly request: ApiRequest;
}

/** Reading more than this of a response that is not forwarded costs more than the connection that it saves. */
const discardLimit = 64 * 1024;
const discardMs = 2_000;

/** One request that is sent to the API. */
export class ApiRequest implements Dispatcher.DispatchHandler {
  readonly token: AccessToken;
  /** Resolves with the head of the response. */
  readonly response: Promise<ApiResponse>;
  #resolve: (response: ApiResponse) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #isAborted = false;
  #isDiscarded = false;
  #isPaused = false;
  #sink: BodySink | undefined;
  /** What arrives together with the head, before there is a sink. */
  #early: ((sink: BodySink) => void)[] = [];

  constructor(
    { dispatcher, apiUrl }: Pick<ProxySettings, 'dispatcher' | 'apiUrl'>,
    validated: ValidatedRequest,
    body: Buffer | Readable | null,
    token: AccessToken,
  ) {
    this.token = token;
    const { method, bodyLength, headers } = validated;
    const length = bodyLength ? ['content-length', String(bodyLength)] : [];
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const options: Dispatcher.DispatchOptions = {
      origin: apiUrl.origin,
      path: targetAt(apiUrl, validated),
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
    return this.#isPaused;
  }

  /** Ends the request, unless its response is being discarded. Nothing is called after that. */
  abort(): void {
    if (!this.#isDiscarded) this.#cutOff();
  }

  /** Sends the body to a sink. */
  pipe(sink: BodySink): void {
    this.#sink = sink;
    for (const deliver of this.#early.splice(0)) deliver(sink);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#controller?.resume();
  }

  /** Reads the body to its end, so that the connection can be used again. A long or slow body is cut off. */
  discard(): void {
    if (this.#sink) return;
    this.#isDiscarded = true;
    let length = 0;
    const timer = setTimeout(() => this.#cutOff(), discardMs).unref();
    const stop = () => clearTimeout(timer);
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > discardLimit) {
        stop();
        this.#cutOff();
      }
      return true;
    };
    this.pipe({ onData, onEnd: stop, onError: stop });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while the connection was being made: nothing is sent.
    if (this.#isAborted) controller.abort(aborted);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // Redirects are not followed: they are forwarded, or refused.
    const unredirected = { location: null, hadToken: true, state: undefined };
    if (status >= 200) this.#resolve({ status, headers, request: this, ...unredirected });
    // It is never forwarded. Otherwise its body would be kept in memory until there is a token, and its connection would be lost.
    if (status === 401) this.discard();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#deliver((sink) => {
      if (sink.onData(chunk)) return;
      this.#isPaused = true;
      controller.pause();
    });
  }

  onResponseEnd(): void {
    this.#deliver((sink) => sink.onEnd());
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    // Without effect once the head has arrived.
    this.#reject(error);
    this.#deliver((sink) => sink.onError(error));
  }

  #cutOff(): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#controller?.abort(aborted);
  }

  #deliver(deliver: (sink: BodySink) => void): void {
    if (this.#isAborted) return;
    if (this.#sink) deliver(this.#sink);
    else this.#early.push(deliver);
  }
}

/** Returns the target at the API: its base path, and what the caller has requested below the mount. */
export function targetAt(apiUrl: URL, { target: { path, query } }: ValidatedRequest): string {
  return `${apiUrl.pathname.slice(0, -1)}${path}${query}`;
}

/** Returns the error for a response that refuses the service, and says nothing about the caller. */
export function findRefusal(
  { status, headers, request: { token } }: ApiResponse,
  environment: Environment,
): RequestRefusedError | undefined {
  const challenge = headers['www-authenticate']?.toString() ?? '';
  if (status !== 401 && (status !== 403 || readBearerChallenge(challenge).error !== 'insufficient_scope'))
    return undefined;
  const context = { subject: describeEnvironment(environment), token };
  return describeRefusal({ status, headers: { get: () => challenge } }, context);
}

/** One for all requests, because nothing shows its stack. */
const aborted = new Error('The request was aborted');
