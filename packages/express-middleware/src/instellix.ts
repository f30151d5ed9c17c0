/// <reference lib="esnext.disposable" preserve="true" />
import {
  ConfigurationError,
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
} from '@instellix/core';
import type { Request, RequestHandler } from 'express';
import { nextError } from './next-error.ts';
import { isMeantAsClient, readClient } from './read-client.ts';
import { createRequestClient } from './request-client.ts';

declare global {
  namespace Express {
    interface Request {
      /**
       * The client of this request; set by `instellix()`.
       *
       * Its calls end when the caller disconnects before the response has been sent. For work that outlives the request, use the client
       * that was given to the middleware.
       */
      instellix: InstellixClient;
    }
  }
}

/**
 * Selects the client of a request, in a service with several tenants. Create each client once, outside of the selector.
 *
 * For an unknown tenant, throw an error: it goes to the error handlers of the application.
 */
export type ClientSelector = (request: Request) => InstellixClient | Promise<InstellixClient>;

/** The middleware that sets `req.instellix`. */
export interface InstellixMiddleware extends RequestHandler, AsyncDisposable {
  /** Closes the client that the middleware created from options. A client that was given stays open. */
  close(): Promise<void>;
}

/**
 * Gives every request a client as `req.instellix`, for the handlers that are mounted after it.
 *
 * From options, or without an argument, it creates one client at once, and reads from the INSTELLIX_ variables what is left out. When
 * it is mounted twice, the inner one counts.
 *
 * @throws ConfigurationError with all problems of the argument
 */
export function instellix(source?: InstellixClient | InstellixClientOptions | ClientSelector): InstellixMiddleware {
  if (typeof source === 'function') return closable(setSelected(source));
  if (isMeantAsClient(source)) return closable(setClient(checkClient(source, 'the first argument')));
  const client = createInstellixClient(source as InstellixClientOptions | undefined);
  return closable(setClient(client), client);
}

function closable(handler: RequestHandler, created?: InstellixClient): InstellixMiddleware {
  const close = async () => created?.close();
  return Object.assign(handler, { close, [Symbol.asyncDispose]: close });
}

function setClient(client: InstellixClient): RequestHandler {
  return function instellix(request, response, next) {
    request.instellix = createRequestClient(client, response);
    next();
  };
}

function setSelected(select: ClientSelector): RequestHandler {
  return async function instellix(request, response, next) {
    try {
      // `null` and not `undefined`, which the validator reports as an option that was left out.
      const client = checkClient((await select(request)) ?? null, 'the result of the selector');
      request.instellix = createRequestClient(client, response);
    } catch (reason) {
      return nextError(next, reason, 'The selector of instellix()');
    }
    next();
  };
}

function checkClient(value: unknown, label: string): InstellixClient {
  const problems: string[] = [];
  const client = readClient(value, `instellix: ${label}`, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return client;
}
