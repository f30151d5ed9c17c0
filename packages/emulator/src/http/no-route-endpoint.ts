import { visiblePath } from '../journal/visible-path.ts';
import type { Endpoint } from './endpoint.ts';
import { JSON_HEADERS } from './outcome.ts';

/** What is said about a path that does not exist. */
export const NO_ROUTE_BODY = '{"error":"not_found","error_description":"the emulator has no such path"}';

/** Everything that has no route. */
export const noRouteEndpoint: Endpoint = {
  name: (state, method, path) => `${method} ${visiblePath(state, method, path)}`,
  maxBodyBytes: 0,
  decide: () => ({ status: 404, reason: 'no_route', headers: JSON_HEADERS, body: NO_ROUTE_BODY }),
  identify: () => ({}),
};
