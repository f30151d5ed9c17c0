import type { HttpBindings } from '@hono/node-server';

/** What comes with a request: its Node counterparts over a socket, nothing in memory. */
export interface AppEnv {
  Bindings: HttpBindings | Record<string, never>;
}
