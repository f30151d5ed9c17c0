/// <reference lib="esnext.disposable" preserve="true" />
import './express-request.ts';
import {
  ConfigurationError,
  createInstellixClient,
  type InstellixClient,
  type InstellixClientOptions,
} from '@instellix/core';
import { clientValidator, hasOption, required } from '@instellix/core/adapter';
import type { Request, RequestHandler, Response } from 'express';
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
  // Half a client must not pass for options.
  if (hasOption(Object(source), 'getToken')) return closable(serving(checkClient(source, 'client')));
  const client = createInstellixClient(source as InstellixClientOptions | undefined);
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
      (reason: unknown) => next(reason || new Error('The selector of instellix() rejected without a reason.')),
    );
  };
}

async function choose(select: ClientSelector, request: Request, response: Response): Promise<void> {
  const client: unknown = await select(request);
  if (client == null) {
    throw new ConfigurationError([
      'instellix: the selector returned no client: for a tenant that is unknown, let it throw.',
    ]);
  }
  request.instellix = createRequestClient(checkClient(client, 'what the selector returns'), response);
}

function checkClient(value: unknown, label: string): InstellixClient {
  const problems: string[] = [];
  const client = required(clientValidator)(value, `instellix: ${label}`, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return client;
}
