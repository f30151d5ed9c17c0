import type { InstellixClient } from '@instellix/core';
import {
  type InstellixMiddleware,
  instellix,
  instellixErrorHandler,
  instellixHealth,
} from '@instellix/express-middleware';
import { type InstellixProxy, instellixProxy } from '@instellix/express-middleware/proxy';
import express, { type Express } from 'express';

export function create(client: InstellixClient): {
  app: Express;
  middleware: InstellixMiddleware;
  proxy: InstellixProxy;
} {
  const app = express();
  const middleware = instellix({ environment: 'sandbox', realm: 'acme' });
  app.get('/health', instellixHealth(client, { timeoutMs: 500 }));
  app.use(
    middleware,
    instellix(async ({ path }) => (path === '/' ? client : client)),
  );
  app.get('/orders', async ({ instellix }, response) => {
    const { status } = await instellix.fetch('/orders', { instellix: { requiredScope: 'orders:read' } });
    // @ts-expect-error: no such method.
    instellix.get('/orders');
    response.json(status);
  });
  const proxy = instellixProxy(client, {
    allow: [{ methods: ['GET'], path: '/orders/**', query: ['page'] }],
    authorize: async (request) => request.get('x-key') === 'key',
  });
  app.use('/lent', proxy);
  app.use(instellixErrorHandler({ onError: ({ code, message }, { path }) => console.error(path, code, message) }));
  // @ts-expect-error: not an option.
  instellixErrorHandler({ log: console.error });
  return { app, middleware, proxy };
}
