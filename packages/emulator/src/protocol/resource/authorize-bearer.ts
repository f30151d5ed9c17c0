import { JSON_HEADERS } from '../../http/exchange.ts';
import type { ReceivedRequest } from '../../http/read-body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-log.ts';
import type { StoredToken } from '../../storage/rows.ts';
import type { Outcome, Requester } from '../outcome.ts';

const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** The valid token of a request, or the error response. */
export type Authorization = { readonly token: StoredToken } | { readonly refusal: Outcome };

/**
 * Checks the bearer token of a request to a resource. Without `scope`, any valid token is accepted.
 *
 * @see RFC 6750 sections 2.1 and 3.1
 */
export function authorizeBearer(state: EmulatorState, request: ReceivedRequest, scope?: string): Authorization {
  const authorization = request.headers.get('authorization');
  const value = readBearer(authorization);
  if (value === undefined) return { refusal: noTokenResponse() };
  if (request.url.search !== '' && request.url.searchParams.has('access_token')) {
    return { refusal: malformed('the access token must be sent in the Authorization header only') };
  }
  // Node joins repeated headers with a comma and a space.
  if (value === '' || value.includes(' '))
    return { refusal: malformed('the Authorization header must have exactly one bearer token') };
  if (!B64TOKEN.test(value)) return { refusal: invalidToken('malformed_token') };
  const token = state.tokens.find(state.digester.tokenDigest(value));
  if (token === undefined) return { refusal: invalidToken('unknown_token') };
  const requester = requesterOf(token);
  if (token.isRevoked) return { refusal: invalidToken('token_revoked', requester) };
  if (state.clock.now() >= token.expiresAt) return { refusal: invalidToken('token_expired', requester) };
  if (scope !== undefined && !token.scopes.includes(scope)) return { refusal: insufficient(scope, requester) };
  return { token };
}

/** The realm and client of the bearer token of a request, even if the token is no longer valid. */
export function identifyBearer(state: EmulatorState, headers: Headers): Requester {
  const value = readBearer(headers.get('authorization'));
  const token = value === undefined ? undefined : state.tokens.find(state.digester.tokenDigest(value));
  return token === undefined ? {} : requesterOf(token);
}

/** The realm and client of a token, for the request log. */
export function requesterOf({ realm, clientId }: StoredToken): Requester {
  return { realm, clientId };
}

/** The value after the Bearer scheme; `undefined` for another scheme. */
function readBearer(authorization: string | null): string | undefined {
  return (
    authorization?.match(/^bearer(?: +(.*))?$/i)?.[1]?.trim() ??
    (/^bearer$/i.test(authorization ?? '') ? '' : undefined)
  );
}

function malformed(description: string): Outcome {
  return refuse(400, 'malformed_token', 'invalid_request', description);
}

// One description for all reasons: a client must not learn whether a token ever existed.
function invalidToken(reason: Reason, requester?: Requester): Outcome {
  const description = 'the access token is malformed, unknown, expired or revoked';
  return refuse(401, reason, 'invalid_token', description, requester);
}

function insufficient(scope: string, requester: Requester): Outcome {
  const description = 'the access token does not have the required scope';
  return refuse(403, 'insufficient_scope', 'insufficient_scope', description, requester, scope);
}

const SCHEME = 'Bearer realm="instellix"';

/**
 * The 401 to a request without any bearer token: a challenge without an error code.
 *
 * @see RFC 6750 section 3.1, last paragraph
 */
function noTokenResponse(): Outcome {
  const body = '{"error_description":"an access token is required"}';
  return { status: 401, reason: 'no_token', headers: { ...JSON_HEADERS, 'www-authenticate': SCHEME }, body };
}

/**
 * The response to a request with an invalid bearer token.
 *
 * @see RFC 6750 section 3
 */
function refuse(
  status: 400 | 401 | 403,
  reason: Reason,
  error: 'invalid_request' | 'invalid_token' | 'insufficient_scope',
  description: string,
  requester: Requester = {},
  scope?: string,
): Outcome {
  const scopeAttribute = scope === undefined ? '' : `, scope="${scope}"`;
  const challenge = `${SCHEME}, error="${error}", error_description="${description}"${scopeAttribute}`;
  const body = JSON.stringify({ error, error_description: description, ...(scope !== undefined && { scope }) });
  return { status, reason, headers: { ...JSON_HEADERS, 'www-authenticate': challenge }, body, ...requester };
}
