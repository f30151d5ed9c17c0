import type { AccessToken, InstellixClient } from '@instellix/core';
import { completeRequest, type RequestDriver } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import { Attempt, type AttemptOutcome } from './attempt.ts';
import { isResendable, recordBody } from './request-body.ts';
import type { RequestHeaders } from './request-headers.ts';

/** One request of a caller to the API. */
export interface UndiciCall {
  readonly client: InstellixClient;
  readonly dispatch: Dispatcher.Dispatch;
  readonly options: Dispatcher.DispatchOptions;
  readonly headers: RequestHeaders;
  readonly handler: Dispatcher.DispatchHandler;
  readonly resendBodyBytes: number;
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
export function sendCall(call: UndiciCall): boolean {
  const { client, dispatch, options, headers, handler, resendBodyBytes } = call;
  const { apiUrl } = client.environment;
  const body = recordBody(options.body, resendBodyBytes);
  let wait: TokenWait | undefined;

  const getToken = (rejected?: AccessToken) => {
    wait = new TokenWait();
    handler.onRequestStart?.(wait, {});
    return client.getToken({ rejected, signal: wait.signal });
  };
  const send = (token: AccessToken | undefined, ...outcome: AttemptOutcome) => {
    const authorized = { ...headers, authorization: `Bearer ${token?.value}` };
    return dispatch(replaceFields(options, { headers: authorized, body }), new Attempt(apiUrl, handler, ...outcome));
  };
  const fail = (error: Error) => handler.onResponseError?.(wait as TokenWait, error);

  const createDriver = (): RequestDriver<Attempt> => ({
    tokens: client,
    isResendable: isResendable(body),
    refreshToken: getToken,
    send: (token) => new Promise((resolve, reject) => send(token, resolve, reject)),
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
