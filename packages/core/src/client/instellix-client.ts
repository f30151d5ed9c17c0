/// <reference lib="esnext.disposable" preserve="true" />
import type { Environment } from '../environment/environment.ts';
import type { TokenEvent } from '../token/token-event.ts';
import type { TokenSource } from '../token/token-source.ts';
import type { ClientStatus } from './client-status.ts';
import type { InstellixRequestInit } from './fetch-call.ts';

/** One credential's access to the instellix API; made by {@link createInstellixClient}. Its functions need no `this`. */
export interface InstellixClient extends TokenSource, AsyncDisposable {
  readonly environment: Environment;
  /**
   * The platform's `fetch` with the access token on it. Relative paths resolve against the API's base. A 401 is answered by
   * one renewal and one replay, if the body can be sent again; every other answer is returned as it is. A stream can be
   * sent only once, and neither can the body of a `Request`, which is one: `init.instellix.body` makes it anew.
   *
   * @throws RequestRefusedError `origin_not_allowed` before anything is sent to an address that is not the API's,
   * `client_closed` after `close()`
   * @throws TokenRequestError when there is no token to be had
   * @throws ConfigurationError when the secret cannot be read, or `init` has two bodies
   * @throws `signal.reason` when the caller aborts
   */
  fetch(input: string | URL | Request, init?: InstellixRequestInit): Promise<Response>;
  /** Tells how the client is, for health checks; never waits, never calls anyone. */
  status(): ClientStatus;
  /** Adds a listener for what happens to the token; returns how to remove it. */
  subscribe(listener: (event: TokenEvent) => void): () => void;
  /** Rejects whoever waits with `client_closed` and ends everything under way; calling it again is harmless. */
  close(): Promise<void>;
}
