/// <reference lib="esnext.disposable" preserve="true" />
import './express-request.ts';
import {
  ConfigurationError,
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
} from '@instellix/core';
import type { Request, RequestHandler, Response } from 'express';
import { aClient, isClient } from './check-options.ts';
import { createRequestClient } from './request-client.ts';

/**
 * Chooses the client of a request, for services with several tenants; the clients are made once, not here.
 *
 * What it throws goes to the error handlers of the application.
 */
export type ClientSelector = (request: Request) => InstellixClient | Promise<InstellixClient>;

/** The handler that sets `req.instellix`. */
export interface InstellixMiddleware extends RequestHandler, AsyncDisposable {
  /** Closes the client that was made from options; one that was given stays its owner's, and open. */
  close(): Promise<void>;
}

/**
 * Lets every request reach the instellix API as `req.instellix`, for the handlers that are mounted behind it.
 *
 * Given options, or nothing, it makes one client at once, from the INSTELLIX_ variables for what is left out, and keeps it until
 * it is closed. Mounted twice, the inner one counts.
 *
 * @throws ConfigurationError with every problem of the options at once
 */
export function instellix(source?: InstellixClient | InstellixClientOptions | ClientSelector): InstellixMiddleware {
  if (typeof source === 'function') return closable(selecting(source));
  // A half-made client must not pass for options.
  if (typeof source === 'object' && source !== null && 'getToken' in source && !isClient(source))
    throw notAClient('client');
  if (isClient(source)) return closable(serving(source));
  const client = createInstellixClient(source);
  return closable(serving(client), client);
}

function closable(handler: RequestHandler, own?: InstellixClient): InstellixMiddleware {
  const close = async () => own?.close();
  return Object.assign(handler, { close, [Symbol.asyncDispose]: close });
}

function serving(client: InstellixClient): RequestHandler {
  return function instellix(request, response, next) {
    request.instellix = createRequestClient(client, response);
    next();
  };
}

function selecting(select: ClientSelector): RequestHandler {
  return function instellix(request, response, next) {
    choose(select, request, response).then(
      () => next(),
      // Express would take a falsy reason for success, and go on without a client.
      (reason: unknown) => next(reason || notAClient('what the selector returns')),
    );
  };
}

async function choose(select: ClientSelector, request: Request, response: Response): Promise<void> {
  const client = await select(request);
  if (!isClient(client)) throw notAClient('what the selector returns');
  request.instellix = createRequestClient(client, response);
}

function notAClient(what: string): ConfigurationError {
  return new ConfigurationError([`instellix: ${what} must be ${aClient[0]}.`]);
}
