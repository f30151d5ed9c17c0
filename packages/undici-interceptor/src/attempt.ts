import { RequestRefusedError } from '@instellix/core';
import type { DriverResponse } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;
type Headers = Parameters<NonNullable<Handler['onResponseEnd']>>[1];

/** What an attempt serves. `reject` is given for a resend, whose every response is held. */
export interface AttemptOptions {
  readonly apiUrl: URL;
  /** The caller's. */
  readonly handler: Handler;
  resolve(held: Attempt): void;
  reject?(error: Error): void;
}

/** How many events of a response are held in memory. The rest of the body waits in the socket. */
const maxHeldEvents = 16;

/** One request as it is sent. Its response goes to the caller's handler at once, or is held until it is delivered or discarded. */
export class Attempt implements Handler, DriverResponse {
  readonly location = null;
  readonly state = undefined;
  status = 0;
  hadToken = true;
  readonly #options: AttemptOptions;
  readonly #handler: Handler;
  #controller: Controller | undefined;
  #held: (() => void)[] | undefined;
  #hasEnded = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#handler = options.handler;
  }

  deliver(): void {
    const controller = this.#controller as Controller;
    const held = this.#held ?? [];
    try {
      this.#handler.onRequestStart?.(controller, {});
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
    // Of redirects that an inner interceptor follows, to URLs that it chooses.
    this.hadToken = !context?.history?.length;
    const { apiUrl } = this.#options;
    if (this.hadToken || apiUrl.pathname === '/') this.#handler.onRequestStart?.(controller, context);
    else controller.abort(new RequestRefusedError('origin_not_allowed', uncheckedRedirect(apiUrl)));
  }

  onResponseStart(controller: Controller, status: number, headers: Headers, message?: string): void {
    const pass = () => this.#handler.onResponseStart?.(controller, status, headers, message);
    if (status < 200 || (status !== 401 && !this.#options.reject)) {
      pass();
    } else {
      this.status = status;
      this.#held = [pass];
      this.#options.resolve(this);
    }
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
    if (this.#options.reject && this.status === 0) this.#options.reject(error);
    else this.#pass(() => this.#handler.onResponseError?.(controller, error));
  }

  #pass(event: () => void): void {
    if (this.#held) this.#held.push(event);
    else event();
  }
}

/** Inside of an origin, `interceptors.redirect()` keeps the `Authorization` for all paths. */
function uncheckedRedirect({ href }: URL): string {
  return `Cannot follow the redirect: the access token is sent only below ${href}. Compose instellixInterceptor before interceptors.redirect, so that each redirect is checked.`;
}
