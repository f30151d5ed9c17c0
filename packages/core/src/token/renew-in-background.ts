import type { AccessToken } from './access-token.ts';
import type { TokenSource } from './token-source.ts';

/**
 * Renews a token that the API has refused, for whoever comes next: the caller whose request cannot be sent again gets its 401,
 * whatever becomes of the renewal. For adapters.
 */
export function renewInBackground(tokens: Pick<TokenSource, 'getToken'>, rejected: AccessToken): void {
  tokens.getToken({ rejected }).catch(() => {});
}
