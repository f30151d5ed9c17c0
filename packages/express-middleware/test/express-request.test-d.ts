import type { AccessToken, InstellixClient } from '@instellix/core';
import express, { type Request } from 'express';
import { instellix, instellixErrorHandler, instellixHealth } from '../src/index.ts';

// The types that the application or another package adds to its requests.
declare global {
  namespace Express {
    interface Request {
      tenant?: string;
    }
  }
}

// Compiled, not run: correct code must compile, and wrong code must not.
export async function use(client: InstellixClient): Promise<void> {
  const app = express();
  await using middleware = instellix({ environment: 'sandbox', realm: 'acme' });
  app.use(middleware);
  app.use(instellix(), instellix(client), express.json());
  app.use(
    '/tenants',
    instellix(({ tenant }) => (tenant ? client : Promise.resolve(client))),
  );
  app.get('/items/:id', instellix(client), async (request, response) => {
    const { value }: AccessToken = await request.instellix.getToken();
    const items: Response = await request.instellix.fetch(`/items/${request.params['id']}`, {
      instellix: { requiredScope: 'x' },
    });
    response.json([value, items.status, request.tenant]);
  });
  const typed = (request: Request<{ id: string }, unknown, { name: string }>) =>
    request.instellix.fetch(request.params.id);
  app.get('/health', instellixHealth(client, { timeoutMs: 500 }));
  app.get('/health', instellixHealth({ a: client, b: client }));
  app.use(
    instellixErrorHandler({ onError: ({ code }, { path }) => console.error(code, path), detail: () => undefined }),
  );
  app.use(instellixErrorHandler());
  void typed;

  // @ts-expect-error unknown option
  instellix({ tenant: 'acme' });
  // @ts-expect-error a selector returns a client, not options
  instellix(() => ({ realm: 'acme' }));
  // @ts-expect-error options are the second argument
  instellixHealth({ timeoutMs: 5 });
  // @ts-expect-error unknown option
  instellixHealth(client, { timeout: 5 });
  // @ts-expect-error the client itself
  instellix({ client });
  // @ts-expect-error unknown option
  instellixErrorHandler({ log: console.error });
}
