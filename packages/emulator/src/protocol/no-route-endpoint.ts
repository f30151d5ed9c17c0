import type { Endpoint } from './endpoint.ts';
import { methodNotAllowed } from './method-not-allowed.ts';
import { JSON_HEADERS } from './outcome.ts';
import { visiblePath } from './visible-path.ts';

/** What is said about a path that does not exist. */
export const NO_ROUTE_BODY = '{"error":"not_found","error_description":"the emulator has no such path"}';

/** Everything that has no route. */
export const noRouteEndpoint: Endpoint = {
  name: (state, method, path) => `${method} ${visiblePath(state, method, path)}`,
  maxBodyBytes: 0,
  decide: () => ({ status: 404, reason: 'no_route', headers: JSON_HEADERS, body: NO_ROUTE_BODY }),
  identify: () => ({}),
};

/** `GET /`: leads to the portal. */
export const rootEndpoint: Endpoint = {
  name: (_state, method) => `${method} /`,
  maxBodyBytes: 0,
  decide: (_state, { method }) =>
    method === 'GET' || method === 'HEAD'
      ? { status: 303, reason: 'ok', headers: { location: '/portal' }, body: '' }
      : methodNotAllowed('GET, HEAD', {}),
  identify: () => ({}),
};
