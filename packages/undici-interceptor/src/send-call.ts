import type { AccessToken, InstellixClient } from '@instellix/core';
import { completeRequest, type RequestDriver } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import { Attempt } from './attempt.ts';
import { isResendable } from './request-body.ts';
import type { RequestHeaders } from './request-headers.ts';

/** One request of a caller to the API. */
interface UndiciCall {
  readonly client: InstellixClient;
  /** That of the client's environment, of which each read makes a copy. */
  readonly apiUrl: URL;
  readonly dispatch: Dispatcher.Dispatch;
  /** A copy. Its body is one of `recordBody`. */
  readonly options: Dispatcher.DispatchOptions;
  readonly headers: RequestHeaders;
  readonly handler: Dispatcher.DispatchHandler;
}

/** What the caller's handler can abort while the call waits for a token. */
class TokenWait extends AbortController implements Dispatcher.DispatchController {
  readonly paused = false;
  readonly reason = null;
  get aborted(): boolean {
    return this.signal.aborted;
  }
  pause(): void {}
  resume(): void {}
}

/** Sends a request with the token, and resends it after a 401 if its body can be sent again. Returns what `dispatch` returns. */
export function sendCall({ client, apiUrl, dispatch, options, headers, handler }: UndiciCall): boolean {
  let wait: TokenWait | undefined;

  const getToken = (rejected?: AccessToken) => {
    wait = new TokenWait();
    handler.onRequestStart?.(wait, {});
    return client.getToken({ rejected, signal: wait.signal });
  };
  const send = ({ value }: AccessToken, resolve: (held: Attempt) => unknown, reject?: (error: Error) => void) => {
    const authorized = { ...headers, authorization: `Bearer ${value}` };
    const attempt = new Attempt(apiUrl, handler, resolve, reject);
    return dispatch(replaceFields(options, { headers: authorized }), attempt);
  };
  const fail = (error: Error) => handler.onResponseError?.(wait as TokenWait, error);

  const createDriver = (): RequestDriver<Attempt> => ({
    tokens: client,
    isResendable: isResendable(options.body),
    refreshToken: getToken,
    // Never without a token: only redirects lead there, which this driver does not follow.
    send: (token) => new Promise((resolve, reject) => send(token as AccessToken, resolve, reject)),
    discard: (attempt) => attempt.discard(),
  });
  const start = (token: AccessToken) =>
    send(token, (refused) => completeRequest(createDriver(), refused, token).then((last) => last.deliver(), fail));

  const token = client.peekToken();
  if (token) return start(token);
  getToken().then(start).catch(fail);
  return true;
}

/** Copies options and replaces some of them. Keeps the prototype, because options may be an instance of a class with getters. */
export function replaceFields(options: Dispatcher.DispatchOptions, fields: object): Dispatcher.DispatchOptions {
  return { __proto__: Object.getPrototypeOf(options), ...options, ...fields } as Dispatcher.DispatchOptions;
}
