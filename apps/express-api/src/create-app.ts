import type { InstellixClient } from '@instellix/core';
import { instellix, instellixErrorHandler, instellixHealth } from '@instellix/express-middleware';
import type { InstellixProxy } from '@instellix/express-middleware/proxy';
import express, { type Express } from 'express';
import { createCustomersRouter } from './customers.ts';

/** Puts the service together: health, handlers, the proxy, errors. */
export function createApp(client: InstellixClient, partners: InstellixProxy): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health', instellixHealth(client));
  app.use('/customers', instellix(client), createCustomersRouter());
  app.use('/partners', partners);
  app.use(instellixErrorHandler({ onError: ({ message }, { method, path }) => console.error(method, path, message) }));
  return app;
}
