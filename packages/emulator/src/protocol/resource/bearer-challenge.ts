import type { Reason } from '../../state/reason.ts';
import { JSON_HEADERS, type Outcome, type Requester } from '../outcome.ts';

const SCHEME = 'Bearer realm="instellix"';

/**
 * The 401 to a request without any bearer token: a challenge that accuses nobody.
 *
 * @see RFC 6750 section 3.1, last paragraph
 */
export function noTokenResponse(): Outcome {
  const body = '{"error_description":"an access token is needed"}';
  return { status: 401, reason: 'no_token', headers: { ...JSON_HEADERS, 'www-authenticate': SCHEME }, body };
}

/**
 * The answer to a request whose bearer token, or way of sending it, is refused.
 *
 * @see RFC 6750 section 3
 */
export function bearerRefusal(refusal: {
  readonly status: 400 | 401 | 403;
  readonly reason: Reason;
  readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description: string;
  readonly scope?: string;
  readonly requester?: Requester;
}): Outcome {
  const { status, reason, error, description, scope, requester } = refusal;
  const scopeAttribute = scope === undefined ? '' : `, scope="${scope}"`;
  const challenge = `${SCHEME}, error="${error}", error_description="${description}"${scopeAttribute}`;
  const body = JSON.stringify({ error, error_description: description, ...(scope !== undefined && { scope }) });
  return { status, reason, headers: { ...JSON_HEADERS, 'www-authenticate': challenge }, body, ...requester };
}
