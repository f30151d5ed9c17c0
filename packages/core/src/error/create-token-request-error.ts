import { TokenRequestError, type TokenRequestErrorCode, type TokenRequestErrorDetails } from './token-request-error.ts';

const remedies: Record<TokenRequestErrorCode, string> = {
  credentials_rejected:
    'The credentials were tried twice, tokenRequest.minIntervalMs apart. Check the realm, client id, secret and environment; credentials are managed in the web portal.',
  token_request_throttled: 'Share one client or store among all callers, or raise tokenRequest.maxWaitMs.',
  token_request_refused: 'Check the realm, the token URL and the tokenRequest options.',
  token_endpoint_unavailable: 'Try again later. If it persists, check the network, the proxy and the token URL.',
  token_request_timeout: 'Check the network, or raise tokenRequest.timeoutMs and tokenRequest.maxWaitMs.',
  token_response_invalid: 'Check the realm, the token URL, the proxy and the fetch option.',
};

/**
 * Creates the error of a token request.
 *
 * @param subject the realm and environment that the token was for
 * @param what what happened, to complete the sentence "No token for …: …."
 * @param remedy what to do, when the cause is known better than by its code
 */
export function createTokenRequestError(
  subject: string,
  code: TokenRequestErrorCode,
  what: string,
  details: TokenRequestErrorDetails = {},
  remedy = remedies[code],
): TokenRequestError {
  return new TokenRequestError(code, `No token for ${subject}: ${what}. ${remedy}`, details);
}
