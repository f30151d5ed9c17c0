import type { AccessToken } from './access-token.ts';

/** The options of one `getToken` call. */
export interface GetTokenOptions {
  /** Ends this caller's wait with `signal.reason`. Other callers are not affected. */
  readonly signal?: AbortSignal | null | undefined;
  /** The minimum remaining lifetime of the token, in milliseconds. More than the server grants has no effect. @default 0 */
  readonly minValidityMs?: number | undefined;
  /** A token that the API has refused with a 401. It is not returned again. When it is the held token, it is replaced. */
  readonly rejected?: AccessToken | undefined;
}

/** The source of tokens that an adapter builds on. */
export interface TokenSource {
  /**
   * Returns a usable token. When there is none, waits for one.
   *
   * @throws TokenRequestError when no token can be obtained within `maxWaitMs`
   * @throws RequestRefusedError `token_rejected` when the API refuses each new token, `client_closed` after `close()`
   * @throws ConfigurationError when the secret cannot be read
   * @throws TypeError when an option is wrong
   * @throws `signal.reason` when the caller aborts
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /** Returns the token if it is usable as it is, without waiting. Starts a refresh in the background when one is due. */
  peekToken(): AccessToken | undefined;
}
