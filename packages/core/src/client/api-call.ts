import type { AccessToken } from '../token/access-token.ts';
import type { TokenSource } from '../token/token-source.ts';

/** How an adapter makes one call: its verbs, while {@link concludeCall} decides which of them come when. */
export interface ApiCall<Answer extends ApiAnswer> {
  readonly tokens: Pick<TokenSource, 'getToken'>;
  readonly apiUrl: URL;
  /** False for a stream, which is empty the second time. */
  readonly isReplayable: boolean;
  /** How many redirects are followed. @default 20 */
  readonly maxRedirects?: number | undefined;
  /** Waits for another token for as long as the caller wants to wait. */
  awaitToken(rejected: AccessToken): Promise<AccessToken>;
  /** Sends the request as its caller wants it, or what a redirect has made of it; with a token or without. */
  send(token: AccessToken | undefined, hop?: Hop): Promise<Answer>;
  /** The caller's own request as it was sent, for an answer that no redirect has led to. */
  sentAs(answer: Answer): Hop;
  /** Lets go of an answer that nobody will read: unread, it would keep its connection from the next request. */
  discard(answer: Answer): void | Promise<void>;
  /** Makes of what the platform's `fetch` would throw what the callers of the adapter expect. */
  translate(error: TypeError): Error | Promise<Error>;
}

/** What has to be known of an answer to go on from it. */
export interface ApiAnswer {
  readonly status: number;
  /** The `Location` of a redirect that is to be followed and that the transport has not followed itself. */
  readonly location: string | null;
  /** Whether the request that brought it bore our token; after a redirect it may not. */
  readonly boreToken: boolean;
  /** What redirects have made of the request that brought it; undefined when it was the caller's own. */
  readonly hop: Hop | undefined;
}

/** One request on its way; redirects change its address, method, headers and body. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** False once a redirect has taken the body away. */
  readonly hasBody: boolean;
}
