/// <reference lib="esnext.disposable" preserve="true" />
import type { InstellixClient } from '@instellix/core';
import type { RequestHandler } from 'express';
import { nextError } from '../next-error.ts';
import { ProxyHandler } from './proxy-handler.ts';
import type { InstellixProxyOptions } from './proxy-options.ts';
import { readProxySettings } from './proxy-settings.ts';

/** What {@link instellixProxy} returns. Close it after the server has stopped listening. */
export interface InstellixProxy extends RequestHandler, AsyncDisposable {
  /** Lets requests in progress end, for at most ten seconds, and closes the connections to the API; not the client. */
  close(): Promise<void>;
}

/**
 * Forwards an allowed part of the instellix API to callers of a route, under the service's own identity.
 *
 * Mount it before body parsers: it streams the body, and refuses one that was read. `docs/express-proxy.md` says what it defends, and
 * what it leaves to you.
 *
 * @param client whose identity is lent; it stays yours to close
 * @throws ConfigurationError with all problems of the arguments
 */
export function instellixProxy(client: InstellixClient, options: InstellixProxyOptions): InstellixProxy {
  const proxy = new ProxyHandler(readProxySettings(client, options));
  const handler: RequestHandler = (request, response, next) => {
    proxy
      .handle(request, response)
      .catch((reason: unknown) => nextError(next, reason, 'The authorize function of instellixProxy()'));
  };
  const close = () => proxy.close();
  return Object.assign(handler, { close, [Symbol.asyncDispose]: close });
}
