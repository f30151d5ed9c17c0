import type { InstellixClient } from '@instellix/core';
import type { Request } from 'express';
import type { AllowRule } from './allow-list.ts';
import type { ProxyEvent } from './proxy-event.ts';

/** How long the proxy waits, milliseconds. */
export interface ProxyTimeouts {
  /** For a connection to the API. @default 5_000 */
  readonly connectMs?: number | undefined;
  /** For the API's answer to begin, once it has the whole request. @default 30_000 */
  readonly headersMs?: number | undefined;
  /** For anything to move, of a body that comes or goes; raise it for event streams that are silent longer. @default 60_000 */
  readonly idleMs?: number | undefined;
  /** For the whole, from the request's head to the end of the answer. @default none */
  readonly totalMs?: number | undefined;
}

/** What {@link instellixProxy} forwards, to where, and for whom. */
export interface InstellixProxyOptions {
  /** Whose identity is lent to callers; it stays yours to close. */
  readonly client: InstellixClient;
  /** What may be forwarded, and nothing else; at least one rule. */
  readonly allow: readonly AllowRule[];
  /**
   * Whether this caller may have what it asks for; false is answered with 403. Runs before anything leaves, and must not read
   * the body. @default everybody who reaches the route
   */
  readonly authorize?: ((request: Request) => boolean | Promise<boolean>) | undefined;
  /** The part of the request's path that is yours and not the API's; give it where `req.baseUrl` does not have it, as below Nest's `forRoutes`. @default `req.baseUrl` */
  readonly mountPath?: string | undefined;
  /** The most that a caller may send, bytes. @default 10 MiB */
  readonly maxBodyBytes?: number | undefined;
  /** How much of a body is kept so that it can be sent again after a 401, bytes; shorter ones are read whole before they are sent. 0: never. @default 64 KiB */
  readonly replayBodyBytes?: number | undefined;
  readonly timeouts?: ProxyTimeouts | undefined;
  /** Names of headers to forward besides `Accept*`, `Content-*`, `If-*`, `Range`, `Idempotency-Key` and `Trace*`. @default none */
  readonly requestHeaders?: readonly string[] | undefined;
  readonly responseHeaders?:
    | {
        /** Names of headers that callers do not get, besides those that they never get. @default none */
        readonly drop?: readonly string[] | undefined;
      }
    | undefined;
  /** Hears how each request ended; one that throws disturbs nothing. @default nobody */
  readonly onEvent?: ((event: ProxyEvent) => void) | undefined;
}
