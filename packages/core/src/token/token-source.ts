import type { AccessToken } from './access-token.ts';

/** How one caller wants its token. */
export interface GetTokenOptions {
  /** Ends this caller's wait, with `signal.reason`; nobody else's. */
  readonly signal?: AbortSignal | undefined;
  /** How long the token must still live, milliseconds. Asking for more than the server grants does not help. @default 0 */
  readonly minValidityMs?: number | undefined;
  /** A token that the API has answered with 401: it is not handed out again, and replaced if nobody has done so yet. */
  readonly rejected?: AccessToken | undefined;
}

/** Where adapters get tokens from; all that they may know of a client, together with its `fetch`. */
export interface TokenSource {
  /**
   * Returns a usable token, waiting for one when there is none.
   *
   * @throws TokenRequestError when no token can be obtained within `maxWaitMs`
   * @throws RequestRefusedError `token_rejected` when even renewed tokens are refused, `client_closed` after `close()`
   * @throws ConfigurationError when the secret cannot be read
   * @throws `signal.reason` when the caller aborts
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /**
   * Returns the token if there is a usable one right now. Like `getToken()`, it starts the refresh of an aging token in
   * the background.
   */
  peekToken(): AccessToken | undefined;
}
