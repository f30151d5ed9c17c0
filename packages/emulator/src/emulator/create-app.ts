import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { administrationRoutes } from '../administration/administration-routes.ts';
import { memoryExchange, socketExchange } from '../http/exchange.ts';
import type { AppEnv } from '../http/http-server.ts';
import type { PortalContext } from '../portal/portal-page.ts';
import { portalRoutes } from '../portal/portal-routes.ts';
import type { Endpoint } from '../protocol/endpoint.ts';
import { METADATA_PATH, metadataEndpoint, noRouteEndpoint, rootEndpoint } from '../protocol/public-endpoints.ts';
import { resourceEndpoints } from '../protocol/resource/resource-endpoints.ts';
import { serveRequest } from '../protocol/serve-request.ts';
import { revocationEndpoint, tokenEndpoint } from '../protocol/token/token-endpoint.ts';

/** Creates the routes of the emulator. */
export function createApp(context: PortalContext): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const serve = (c: Context<AppEnv>, endpoint: Endpoint, realm?: string): Promise<Response> => {
    const exchange = 'outgoing' in c.env ? socketExchange(c.env as HttpBindings) : memoryExchange(c.req.raw);
    return serveRequest(context, endpoint, exchange, c.req.raw, realm);
  };

  // Administration and portal leave no entry in the request log.
  const administration = administrationRoutes(context);
  app.all('/_emulator/*', (c) => administration.fetch(c.req.raw, c.env));
  const portal = portalRoutes(context);
  app.all('/portal/*', (c) => portal.fetch(c.req.raw, c.env));
  app.all('/:realm/oauth2/token', (c) => serve(c, tokenEndpoint, c.req.param('realm')));
  app.all('/:realm/oauth2/revoke', (c) => serve(c, revocationEndpoint, c.req.param('realm')));
  app.all(`${METADATA_PATH}/:realm`, (c) => serve(c, metadataEndpoint, c.req.param('realm')));
  for (const [path, endpoint] of resourceEndpoints) app.all(path, (c) => serve(c, endpoint));
  app.all('/', (c) => serve(c, rootEndpoint));
  app.notFound((c) => serve(c, noRouteEndpoint));
  app.onError((error) => {
    // A request without a socket rejects when a fault breaks the connection or when its signal is aborted.
    throw error;
  });
  return app;
}
