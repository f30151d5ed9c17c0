import { JSON_HEADERS } from '../../http/exchange.ts';
import type { EmulatorRules } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-log.ts';
import type { Outcome, Requester } from '../outcome.ts';

/**
 * The response with a token: the vendor's three members (F5), and the scope if the profile returns it.
 *
 * @see RFC 6749 section 5.1
 */
export function tokenResponse(
  token: string,
  scopes: readonly string[],
  { tokenTtlSeconds, profile }: EmulatorRules,
  requester: Requester,
): Outcome {
  const scope = profile.returnsScope && scopes.length > 0 ? `,"scope":"${scopes.join(' ')}"` : '';
  const body = `{"access_token":"${token}","token_type":"${profile.tokenType}","expires_in":${tokenTtlSeconds}${scope}}`;
  return { status: 200, reason: 'issued', headers: JSON_HEADERS, body, ...requester };
}

// Every rejected client gets the same bytes, also a throttled one. Only the request log shows the reason.
const REFUSED_HEADERS = { ...JSON_HEADERS, 'www-authenticate': 'Basic realm="instellix", charset="UTF-8"' };
const REFUSED_BODY = '{"error":"invalid_client","error_description":"client authentication failed"}';

/**
 * The 401 for every rejected client.
 *
 * @see RFC 6749 section 5.2, RFC 7617 section 2
 */
export function invalidClientResponse(reason: Reason, requester: Requester): Outcome {
  return { status: 401, reason, headers: REFUSED_HEADERS, body: REFUSED_BODY, ...requester };
}

/**
 * The response to an invalid request of an authenticated client.
 *
 * @see RFC 6749 section 5.2
 */
export function errorResponse(
  reason: 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope',
  description: string,
  requester: Requester,
  status = 400,
): Outcome {
  const body = JSON.stringify({ error: reason, error_description: description });
  return { status, reason, headers: JSON_HEADERS, body, ...requester };
}
