import { TokenRequestError, type TokenRequestErrorCode, type TokenRequestErrorDetails } from './token-request-error.ts';

const remedies: Record<TokenRequestErrorCode, string> = {
  credentials_rejected:
    'It was asked twice, tokenRequest.minIntervalMs apart; the throttle lasts 5 s. Check the realm, client id, secret and environment; credentials are managed in the web portal.',
  token_request_throttled: 'Share one client or store among all callers, or raise tokenRequest.maxWaitMs.',
  token_request_refused: 'Check the realm, the token URL and the tokenRequest options.',
  token_endpoint_unavailable: 'Try again later; if it lasts, check the network, the proxy and the token URL.',
  token_request_timeout: 'Check the network, or raise tokenRequest.timeoutMs.',
  token_response_invalid: 'Check the realm, the token URL, the proxy and the fetch option.',
};

/** Makes the error that says who gets no token, `what` happened, and what to do about it. */
export function tokenFailure(
  subject: string,
  code: TokenRequestErrorCode,
  what: string,
  details?: TokenRequestErrorDetails,
): TokenRequestError {
  return new TokenRequestError(code, `No token for ${subject}: ${what}. ${remedies[code]}`, details);
}
