import { JSON_HEADERS } from '../http/exchange.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Endpoint } from './endpoint.ts';
import { methodNotAllowed } from './outcome.ts';

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

const LONGEST = 40;
const PLAIN = /^(?:\/[a-z]{1,20}(?:[-_][a-z]{1,20}){0,2}|\/v?\d{1,6}){1,6}\/?$/;

/** Stands for a path that the request log does not show. */
export const HIDDEN_PATH = '/{hidden}';

/**
 * A path that no route has, if it can be shown: a fault names it, or it is short plain words without a client secret.
 *
 * Whatever else stands in a path may be a token or a secret that was put into the wrong place.
 */
export function visiblePath({ digester, faults, secrets }: EmulatorState, method: string, path: string): string {
  if (path === '/' || faults.names(`${method} ${path}`)) return path;
  if (path.length > LONGEST || !PLAIN.test(path)) return HIDDEN_PATH;
  for (let start = 0; start < path.length; start += 1) {
    for (let end = start + 1; end <= path.length; end += 1) {
      if (secrets.has(digester.digest(path.slice(start, end)))) return HIDDEN_PATH;
    }
  }
  return path;
}
