import { JSON_HEADERS } from '../http/exchange.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Endpoint } from './endpoint.ts';
import { methodNotAllowed } from './outcome.ts';

/** The body of a 404. */
export const NO_ROUTE_BODY = '{"error":"not_found","error_description":"this path does not exist"}';

/** Handles requests to paths that do not exist. */
export const noRouteEndpoint: Endpoint = {
  name: (state, method, path) => `${method} ${visiblePath(state, method, path)}`,
  maxBodyBytes: 0,
  decide: () => ({ status: 404, reason: 'no_route', headers: JSON_HEADERS, body: NO_ROUTE_BODY }),
  identify: () => ({}),
};

/** `GET /`: redirects to the portal. */
export const rootEndpoint: Endpoint = {
  name: (_state, method) => `${method} /`,
  maxBodyBytes: 0,
  decide: (_state, { method }) =>
    method === 'GET' || method === 'HEAD'
      ? { status: 303, reason: 'ok', headers: { location: '/portal' }, body: '' }
      : methodNotAllowed('GET, HEAD', {}),
  identify: () => ({}),
};

const MAX_LENGTH = 40;
const PLAIN = /^(?:\/[a-z]{1,20}(?:[-_][a-z]{1,20}){0,2}|\/v?\d{1,6}){1,6}\/?$/;

const HIDDEN_PATH = '/{hidden}';

/**
 * Returns an unknown path if a fault names it, or if it consists of short plain words and no client secret.
 *
 * Other paths are hidden, because a client may have sent a token or a secret in the path by mistake.
 */
function visiblePath({ digester, faults, secrets }: EmulatorState, method: string, path: string): string {
  if (path === '/' || faults.names(`${method} ${path}`)) return path;
  if (path.length > MAX_LENGTH || !PLAIN.test(path)) return HIDDEN_PATH;
  for (let start = 0; start < path.length; start += 1) {
    for (let end = start + 1; end <= path.length; end += 1) {
      if (secrets.has(digester.digest(path.slice(start, end)))) return HIDDEN_PATH;
    }
  }
  return path;
}
