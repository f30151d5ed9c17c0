import { JSON_HEADERS } from '../http/exchange.ts';
import type { ReceivedRequest } from '../http/read-body.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { ALL_SCOPES } from '../storage/credential.ts';
import type { Endpoint } from './endpoint.ts';
import { NO_ROUTE_BODY } from './no-route-endpoint.ts';
import { methodNotAllowed, type Outcome } from './outcome.ts';

/** The path of the metadata, without the realm (RFC 8414 section 3). */
export const METADATA_PATH = '/.well-known/oauth-authorization-server';

/** The authorization server metadata of a realm. The vendor does not document any; this is RFC 8414. */
export const metadataEndpoint: Endpoint = {
  name: (_state, method) => `${method} ${METADATA_PATH}`,
  maxBodyBytes: 0,
  decide: decideMetadata,
  identify: () => ({}),
};

function decideMetadata({ credentials, rules }: EmulatorState, request: ReceivedRequest): Outcome {
  const { realm = '', method, url, headers } = request;
  if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD', {});
  if (!credentials.hasRealm(realm)) {
    return { status: 404, reason: 'no_route', headers: JSON_HEADERS, body: NO_ROUTE_BODY };
  }
  const issuer = `http://${headers.get('host') ?? url.host}/${encodeURIComponent(realm)}`;
  const methods = ['client_secret_basic', ...(rules.profile.acceptsBodyCredentials ? ['client_secret_post'] : [])];
  const body = JSON.stringify({
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    token_endpoint_auth_methods_supported: methods,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: ALL_SCOPES,
  });
  return { status: 200, reason: 'ok', headers: JSON_HEADERS, body, realm };
}
