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
  app.use(instellixErrorHandler({ onError: ({ message }, { method, path }) => console.error(method, path, message) }));
  app.use(respondToOtherErrors);
  return app;
}

/** Express itself would respond with the stack, unless NODE_ENV is `production`. */
const respondToOtherErrors: ErrorRequestHandler = (error, request, response, next) => {
  const { status = 500 } = Object(error) as { status?: number };
  if (status >= 500) console.error(request.method, request.path, error);
  if (response.headersSent) next(error);
  else response.sendStatus(status);
};
