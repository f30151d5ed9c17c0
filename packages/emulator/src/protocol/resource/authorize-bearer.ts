import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-log.ts';
import { type ReceivedRequest, Refusal, type Requester, toJson } from '../endpoint.ts';

const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const SCHEME = 'Bearer realm="instellix"';

/**
 * Returns the realm and client of a request with a valid bearer token. Without `scope`, any valid token is accepted.
 *
 * @throws Refusal
 * @see RFC 6750 sections 2.1 and 3.1
 */
export function authorizeBearer(state: EmulatorState, request: ReceivedRequest, scope?: string): Required<Requester> {
  const value = readBearer(request.headers);
  if (value === undefined) {
    // The response to a request without any bearer token has no error code (RFC 6750 section 3.1, last paragraph).
    const body = { error_description: 'an access token is required' };
    throw new Refusal(toJson(401, 'no_token', body, { 'www-authenticate': SCHEME }));
  }
  if (request.url.search !== '' && request.url.searchParams.has('access_token')) {
    throw malformed('the access token must be sent in the Authorization header only');
  }
  // Node joins repeated headers with a comma and a space.
  if (value === '' || value.includes(' '))
    throw malformed('the Authorization header must have exactly one bearer token');
  if (!B64TOKEN.test(value)) throw invalidToken('malformed_token');
  const token = state.tokens.find(state.digester.tokenDigest(value));
  if (token === undefined) throw invalidToken('unknown_token');
  if (token.isRevoked) throw invalidToken('token_revoked');
  if (state.clock.now() >= token.expiresAt) throw invalidToken('token_expired');
  if (scope !== undefined && !token.scopes.includes(scope)) {
    const description = 'the access token does not have the required scope';
    throw refuse(403, 'insufficient_scope', 'insufficient_scope', description, scope);
  }
  return { realm: token.realm, clientId: token.clientId };
}

/** The realm and client of the bearer token of a request, even if the token is no longer valid. */
export function identifyBearer(state: EmulatorState, { headers }: ReceivedRequest): Requester {
  const value = readBearer(headers);
  const token = value === undefined ? undefined : state.tokens.find(state.digester.tokenDigest(value));
  return token === undefined ? {} : { realm: token.realm, clientId: token.clientId };
}

/** The value after the Bearer scheme; `undefined` for another scheme. */
function readBearer(headers: Headers): string | undefined {
  const match = headers.get('authorization')?.match(/^bearer(?: +(.*))?$/i);
  return match ? (match[1] ?? '').trim() : undefined;
}

function malformed(description: string): Refusal {
  return refuse(400, 'malformed_token', 'invalid_request', description);
}

// One description for all reasons: a client must not learn whether a token ever existed.
function invalidToken(reason: Reason): Refusal {
  return refuse(401, reason, 'invalid_token', 'the access token is malformed, unknown, expired or revoked');
}

/** The response to a request with an invalid bearer token (RFC 6750 section 3). */
function refuse(
  status: 400 | 401 | 403,
  reason: Reason,
  error: 'invalid_request' | 'invalid_token' | 'insufficient_scope',
  description: string,
  scope?: string,
): Refusal {
  const scopeAttribute = scope === undefined ? '' : `, scope="${scope}"`;
  const challenge = `${SCHEME}, error="${error}", error_description="${description}"${scopeAttribute}`;
  const body = { error, error_description: description, scope };
  return new Refusal(toJson(status, reason, body, { 'www-authenticate': challenge }));
}
