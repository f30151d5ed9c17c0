import type { InstellixClient } from '@instellix/core';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
import type { InstellixProxy } from '@instellix/express-middleware/proxy';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { createCustomersRouter } from './customers.ts';

/** Creates the application: health check, handlers, proxy, error handlers. */
export function createApp(client: InstellixClient, partners: InstellixProxy): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health', instellixHealth(client));
  app.use('/customers', instellix(client), createCustomersRouter());
  app.use('/partners', partners);
  app.use(
    instellixErrorHandler({
      // The message of a connection that failed is only `fetch failed`.
      onError: ({ message, cause = '' }, { method, path }) => console.error(method, path, message, cause),
    }),
  );
  app.use(respondToOtherErrors);
  return app;
}

/** Express itself would respond with the stack, unless NODE_ENV is `production`. */
const respondToOtherErrors: ErrorRequestHandler = (error, request, response, next) => {
  // Set by Express and its parsers. An AxiosError has a `status`, which is that of another server.
  const { statusCode = 500 } = Object(error) as { statusCode?: number };
  if (statusCode >= 500) console.error(request.method, request.path, error);
  if (response.headersSent) next(error);
  else response.sendStatus(statusCode);
};
