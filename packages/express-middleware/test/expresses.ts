import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import newest from 'express';
import oldest from 'express-oldest';
import { afterEach } from 'vitest';

/** All supported versions. */
export const expresses = [
  { name: 'Express 5:', express: newest },
  { name: 'Express 4.19:', express: oldest },
] as const;

const servers = new Set<Server>();

/** Serves an application on a free port until the test ends. Returns its origin. */
export async function serve(app: newest.Express): Promise<string> {
  // The default error handler would print the errors of the tests.
  app.set('env', 'test');
  const server = createServer(app);
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
});
