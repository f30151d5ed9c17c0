import type { EmulatorState } from '../state/emulator-state.ts';
import { ALL_SCOPES } from '../storage/credential.ts';
import { type Endpoint, type Outcome, requireMethod, toJson } from './endpoint.ts';

/** The path of the metadata, without the realm (RFC 8414 section 3). */
export const METADATA_PATH = '/.well-known/oauth-authorization-server';

/** The authorization server metadata of a realm. The vendor does not document any; this is RFC 8414. */
export const metadataEndpoint: Endpoint = {
  name: (method) => `${method} ${METADATA_PATH}`,
  identify: ({ credentials }, { realm = '' }) => (credentials.hasRealm(realm) ? { realm } : {}),
  decide({ credentials, rules }, request) {
    requireMethod(request, 'GET', 'HEAD');
    const { realm = '', url, headers } = request;
    if (!credentials.hasRealm(realm)) return notFound();
    const issuer = `http://${headers.get('host') ?? url.host}/${encodeURIComponent(realm)}`;
    const methods = ['client_secret_basic', ...(rules.profile.acceptsBodyCredentials ? ['client_secret_post'] : [])];
    const metadata = {
      issuer,
      token_endpoint: `${issuer}/oauth2/token`,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint: `${issuer}/oauth2/revoke`,
      revocation_endpoint_auth_methods_supported: methods,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      scopes_supported: ALL_SCOPES,
    };
    return toJson(200, 'ok', metadata);
  },
};

/** `GET /`: redirects to the portal. */
export const rootEndpoint: Endpoint = {
  name: (method) => `${method} /`,
  decide(_state, request) {
    requireMethod(request, 'GET', 'HEAD');
    return { status: 303, reason: 'ok', headers: { location: '/portal' }, body: '' };
  },
};

/** Handles requests to paths that do not exist. */
export const noRouteEndpoint: Endpoint = {
  name: (method, path, state) => `${method} ${visiblePath(state, method, path)}`,
  decide: notFound,
};

function notFound(): Outcome {
  return toJson(404, 'no_route', { error: 'not_found', error_description: 'this path does not exist' });
}

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
