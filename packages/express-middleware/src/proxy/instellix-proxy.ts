/// <reference lib="esnext.disposable" preserve="true" />
import type { RequestHandler } from 'express';
import { ProxyHandler } from './proxy-handler.ts';
import type { InstellixProxyOptions } from './proxy-options.ts';
import { readProxyOptions } from './proxy-settings.ts';

/** What {@link instellixProxy} makes; dispose of it when the server has stopped listening. */
export interface InstellixProxy extends RequestHandler, AsyncDisposable {}

/**
 * Puts a guarded piece of the instellix API behind a route, under the service's own identity.
 *
 * Mount it before body parsers: it streams the body, and refuses one that was read. See `docs/express-proxy.md` for what it
 * defends and what stays yours.
 *
 * @throws ConfigurationError with all problems of the options
 */
export function instellixProxy(options: InstellixProxyOptions): InstellixProxy {
  const proxy = new ProxyHandler(readProxyOptions(options));
  const handler: RequestHandler = (request, response, next) => proxy.handle(request, response, next);
  return Object.assign(handler, { [Symbol.asyncDispose]: () => proxy.close() });
}
