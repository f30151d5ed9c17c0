import { JSON_HEADERS } from '../../http/exchange.ts';
import type { EmulatorRules } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-entry.ts';
import type { Outcome, Requester } from '../outcome.ts';

/**
 * The answer that carries a token: in the vendor's own three members (F5), and with the scope where the profile tells it.
 *
 * @see RFC 6749 section 5.1
 */
export function tokenResponse(
  token: string,
  scopes: readonly string[],
  { tokenTtlSeconds, profile }: EmulatorRules,
  requester: Requester,
): Outcome {
  const scope = profile.tellsScope && scopes.length > 0 ? `,"scope":"${scopes.join(' ')}"` : '';
  const body = `{"access_token":"${token}","token_type":"${profile.tokenType}","expires_in":${tokenTtlSeconds}${scope}}`;
  return { status: 200, reason: 'issued', headers: JSON_HEADERS, body, ...requester };
}

// Why a client was refused, throttle included, is for the request log alone: everybody gets these very bytes.
const REFUSED_HEADERS = { ...JSON_HEADERS, 'www-authenticate': 'Basic realm="instellix", charset="UTF-8"' };
const REFUSED_BODY = '{"error":"invalid_client","error_description":"client authentication failed"}';

/**
 * The one 401 for every client that is not let in.
 *
 * @see RFC 6749 section 5.2, RFC 7617 section 2
 */
export function invalidClientResponse(reason: Reason, requester: Requester): Outcome {
  return { status: 401, reason, headers: REFUSED_HEADERS, body: REFUSED_BODY, ...requester };
}

/**
 * The answer to a client that is known, but whose request cannot be granted.
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
