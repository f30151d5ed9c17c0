/// <reference lib="esnext.disposable" preserve="true" />
import type { Environment } from '../environment/environment.ts';
import type { TokenEvent } from '../token/token-event.ts';
import type { GetTokenOptions, TokenSource } from '../token/token-source.ts';
import type { ClientStatus } from './client-status.ts';
import type { InstellixRequestInit } from './fetch-arguments.ts';

/** The client of one credential of the instellix API, created by {@link createInstellixClient}. Its functions need no `this`. */
export interface InstellixClient extends TokenSource, AsyncDisposable {
  readonly environment: Environment;
  /**
   * The platform's `fetch` with the access token. Relative paths resolve against the API's base. After a 401, the token is refreshed and
   * the request is resent once, if its body can be sent again: a stream cannot, unless `init.instellix.body` creates it again, nor can the
   * body of a `Request` above 64 KiB. Every other response is returned as it is.
   *
   * @throws RequestRefusedError `origin_not_allowed` before anything is sent to a URL outside of the API, `client_closed` after `close()`
   * @throws TokenRequestError when no token can be obtained
   * @throws ConfigurationError when the secret cannot be read
   * @throws TypeError when an argument is wrong, or the API was not reached; {@link isApiUnreachable} distinguishes the two
   * @throws `signal.reason` when the caller aborts; {@link isApiUnreachable} recognises the `TimeoutError` of `AbortSignal.timeout`
   */
  fetch(input: string | URL | Request, init?: InstellixRequestInit): Promise<Response>;
  /**
   * Returns `Bearer …`, the value of an `Authorization` header, for other HTTP clients than ours. Rejects as `getToken` does.
   */
  authorizationHeader(options?: GetTokenOptions): Promise<string>;
  /** Returns the state of the client, for health checks. Never waits and never makes a request. */
  status(): ClientStatus;
  /** Adds a listener for token events, and returns a function that removes it. Exceptions in it are ignored. */
  subscribe(listener: (event: TokenEvent) => void): () => void;
  /**
   * Rejects waiting callers with `client_closed` and aborts the token request in progress. Calls of the API that have been sent
   * continue. Later calls reject at once. Harmless twice.
   */
  close(): Promise<void>;
}
