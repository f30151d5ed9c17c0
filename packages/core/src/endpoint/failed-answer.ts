import {
  TokenRequestError,
  type TokenRequestErrorCode,
  type TokenRequestErrorDetails,
} from '../error/token-request-error.ts';
import type { Redact } from '../secret/redactor.ts';
import type { TokenAnswer } from './request-token.ts';

/** Makes the answer of a token request that failed; `what` ends the sentence "The token endpoint …". */
export type Fail = (
  code: TokenRequestErrorCode,
  what: string,
  details?: TokenRequestErrorDetails,
  /** Whether the server may have seen the request. */
  requestSent?: boolean,
) => TokenAnswer;

/** Who asked for a token, and where. */
export interface FailureSubject {
  /** Shown, because it is no secret. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.2 */
  readonly clientId: string;
  readonly realm: string;
  readonly environmentName: string;
}

const remedies: Record<TokenRequestErrorCode, string> = {
  credentials_rejected:
    'Its throttle answers the same, but was waited out. Check the realm, client id, secret and environment; credentials are managed in the web portal.',
  token_request_throttled: 'Share one client or store among all callers.',
  token_request_refused: 'Check the realm, the token URL and the tokenRequest options.',
  token_endpoint_unavailable: 'Try again later; if it lasts, check the network, the proxy and the token URL.',
  token_request_timeout: 'Check the network, or raise tokenRequest.timeoutMs.',
  token_response_invalid: 'Check the realm, the token URL, the proxy and the fetch option.',
};

/** Creates the maker of failed answers for one subject, which is redacted, too: some use one word for everything. */
export function createFail({ clientId, realm, environmentName }: FailureSubject, redact: Redact): Fail {
  const subject = redact(
    `${JSON.stringify(clientId)} of realm ${JSON.stringify(realm)} in environment ${environmentName}`,
  );
  return (code, what, details, requestSent = true) => {
    const message = `No token for client ${subject}: the token endpoint ${what}. ${remedies[code]}`;
    const error = new TokenRequestError(code, message, details);
    if (error.retryable) return { kind: 'transient', error, requestSent };
    return { kind: code === 'credentials_rejected' ? 'unauthorized' : 'final', error };
  };
}
