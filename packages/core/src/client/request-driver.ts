import type { AccessToken } from '../token/access-token.ts';
import type { TokenSource } from '../token/token-source.ts';

/** How an adapter makes one request: its operations. {@link completeRequest} decides which of them follow each other. */
export interface RequestDriver<Response extends DriverResponse> {
  /** Where tokens come from. */
  readonly tokens: Pick<TokenSource, 'getToken'>;
  /** False for a stream, which is empty the second time. Read before each resend, because it may change while a body is sent. */
  readonly isResendable: boolean;
  /** How redirects are followed; left out when the transport follows them itself, or the adapter does not. */
  readonly redirects?: RedirectDriver<Response> | undefined;
  /** Waits for the token that replaces a rejected one, at most until the caller aborts or its timeout elapses. */
  refreshToken(rejected: AccessToken): Promise<AccessToken>;
  /** Sends the caller's own request, or the one that a redirect has made of it; with a token or without. */
  send(token: AccessToken | undefined, state?: RequestState): Promise<Response>;
  /** Cancels the body of a response that is not returned to the caller: unread, it would block its connection for the next request. */
  discard(response: Response): void;
}

/** The operations of an adapter that follows redirects. */
export interface RedirectDriver<Response extends DriverResponse> {
  /** The base below which redirects keep the token. */
  readonly apiUrl: URL;
  /** How many redirects are followed in all, before and after a resend. @default 20 */
  readonly maxRedirects?: number | undefined;
  /** Returns the `Location` of a response with a redirect status; null when it is not to be followed, or the transport follows it. */
  readLocation(response: Response): string | null;
  /** Returns the caller's own request as it was sent, for a response that no redirect has led to. */
  sentState(response: Response): RequestState;
}

/** The part of a response that {@link completeRequest} uses. */
export interface DriverResponse {
  /** 0 when there was no response. */
  readonly status: number;
  /** Whether the request had our token; after a redirect it may not. */
  readonly hadToken: boolean;
  /** The request as redirects have changed it; undefined when it was the caller's own. */
  readonly state?: RequestState | undefined;
}

/** What redirects change about a request. */
export interface RequestState {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  /** False once a redirect has removed the body. */
  readonly hasBody: boolean;
}
