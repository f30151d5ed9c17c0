import { AsyncResource } from 'node:async_hooks';
import { RequestRefusedError } from '@instellix/core';
import type { DriverResponse } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseEnd']>>[1];

/** How many events of a response are held in memory. The rest of the body waits in the socket. */
const maxHeldEvents = 16;

/** One request as it is sent. Its response goes to the caller's handler at once, or is held until it is delivered or discarded. */
export class Attempt extends AsyncResource implements Handler, DriverResponse {
  status = 0;
  hadToken = true;
  readonly #apiUrl: URL;
  readonly #handler: Handler;
  readonly #resolve: (held: Attempt) => unknown;
  readonly #reject: ((error: Error) => void) | undefined;
  #controller: Controller | undefined;
  #context: unknown;
  #held: (() => void)[] | undefined;
  #hasEnded = false;

  /** With `reject`, which a resend has, every response is held, otherwise only a 401. */
  constructor(apiUrl: URL, handler: Handler, resolve: (held: Attempt) => unknown, reject?: (error: Error) => void) {
    super('InstellixAttempt');
    this.#apiUrl = apiUrl;
    this.#handler = handler;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  deliver(): void {
    const controller = this.#controller as Controller;
    const held = this.#held ?? [];
    try {
      this.#handler.onRequestStart?.(controller, this.#context);
      for (const event of held) event();
      this.#held = undefined;
    } catch (error) {
      // undici treats an exception of a handler in the same way.
      this.#held = undefined;
      if (this.#hasEnded) this.#handler.onResponseError?.(controller, error as Error);
      else controller.abort(error as Error);
    }
    if (held.length > maxHeldEvents) controller.resume();
  }

  discard(): void {
    this.#held = [];
    if (!this.#hasEnded) this.#controller?.abort(new Error('The response is not needed.'));
  }

  onRequestStart(controller: Controller, context?: { readonly history?: readonly URL[] }): void {
    this.#controller = controller;
    this.#context = context;
    // Of redirects that an inner interceptor follows, to URLs that it chooses.
    this.hadToken = !context?.history?.length;
    if (this.hadToken || this.#apiUrl.pathname === '/') this.#handler.onRequestStart?.(controller, context);
    else controller.abort(new RequestRefusedError('origin_not_allowed', uncheckedRedirect));
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    if (status >= 200 && (status === 401 || this.#reject)) this.#held = [];
    this.#pass(() => this.#handler.onResponseStart?.(controller, status, headers, message));
    if (!this.#held) return;
    this.status = status;
    // undici calls in the asynchronous context of whichever request has opened the connection.
    this.runInAsyncScope(this.#resolve, undefined, this);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#pass(() => this.#handler.onResponseData?.(controller, chunk));
    if (this.#held && this.#held.length > maxHeldEvents) controller.pause();
  }

  onResponseEnd(controller: Controller, trailers: Headers): void {
    this.#hasEnded = true;
    this.#pass(() => this.#handler.onResponseEnd?.(controller, trailers));
  }

  onResponseError(controller: Controller, error: Error): void {
    this.#hasEnded = true;
    if (this.#reject && this.status === 0) this.#reject(error);
    else this.#pass(() => this.#handler.onResponseError?.(controller, error));
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onBodySent(chunk: never): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }

  #pass(event: () => void): void {
    if (this.#held) this.#held.push(event);
    else event();
  }
}

/** Within an origin, `interceptors.redirect()` keeps the `Authorization`, also outside of the API's base path. */
const uncheckedRedirect = 'Cannot check the redirect: compose instellixInterceptor before interceptors.redirect.';
