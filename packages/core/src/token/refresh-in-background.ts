import type { AccessToken } from './access-token.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Refreshes a token that the API has refused, for the calls that follow. For a call that cannot be resent: it gets its 401, whether or
 * not the refresh succeeds.
 */
export function refreshInBackground(tokens: Pick<TokenSource, 'getToken'>, rejected: AccessToken): void {
  tokens.getToken({ rejected }).catch(() => {});
}
