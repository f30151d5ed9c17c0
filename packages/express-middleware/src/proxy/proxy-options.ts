import type { Request } from 'express';
import type { Dispatcher } from 'undici';
import type { AllowRule } from './allow-list.ts';
import type { ProxyEvent } from './proxy-event.ts';

/** How long the proxy waits, in milliseconds. */
export interface ProxyTimeouts {
  /** For a connection to the API. A `dispatcher` of yours has its own limit. @default 5_000 */
  readonly connectMs?: number | undefined;
  /** For the API's response to begin, from when the whole request was handed over, a connection included. @default 30_000 */
  readonly headersMs?: number | undefined;
  /**
   * For any byte to move on either side while a body is sent; raise it for event streams that are silent longer. The end comes
   * before twice that time. @default 60_000
   */
  readonly idleMs?: number | undefined;
  /** For the whole exchange, from the head of the request to the end of the response. @default none */
  readonly totalMs?: number | undefined;
}

/** What {@link instellixProxy} forwards, and how. */
export interface InstellixProxyOptions {
  /** What may be forwarded; everything else is refused. At least one rule. */
  readonly allow: readonly AllowRule[];
  /**
   * Returns whether the caller may send this request; false causes a 403.
   *
   * It runs before anything is sent, and must not read the body. Exceptions go to the error handlers of the application.
   *
   * @default every caller who reaches the route
   */
  readonly authorize?: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** The part of the request's path that is yours and not the API's. Needed where `req.baseUrl` is empty, as below Nest's `forRoutes`. @default `req.baseUrl` */
  readonly mountPath?: string | undefined;
  /** The longest body that a caller may send, in bytes. @default 10 MiB */
  readonly maxBodyBytes?: number | undefined;
  /** How much of a body is kept for a resend after a 401, in bytes. Shorter bodies are read whole before they are sent. 0: never resend a body. @default 64 KiB */
  readonly resendBodyBytes?: number | undefined;
  readonly timeouts?: ProxyTimeouts | undefined;
  /** Names of headers to forward besides `Accept*`, `Content-*`, `If-*`, `Range`, `Idempotency-Key` and `Trace*`. @default none */
  readonly requestHeaders?: readonly string[] | undefined;
  readonly responseHeaders?:
    | {
        /** Names of headers to drop, besides those that are always dropped. @default none */
        readonly drop?: readonly string[] | undefined;
      }
    | undefined;
  /** Called when a request has ended. What it throws, or rejects with, is ignored. */
  readonly onEvent?: ((event: ProxyEvent) => void) | undefined;
  /**
   * Sends the requests: an undici dispatcher of yours, for a corporate proxy, a CA, or limits. It stays yours to close.
   *
   * @default a pool of the proxy's own, which honours `HTTPS_PROXY` and `NO_PROXY` when `NODE_USE_ENV_PROXY` is 1
   */
  readonly dispatcher?: Dispatcher | undefined;
}
