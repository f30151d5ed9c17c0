import type { AccessToken, InstellixClient } from '@instellix/core';
import { completeRequest } from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import type { Attempt } from './attempt.ts';
import { isResendable } from './request-body.ts';

/** Dispatches the caller's request with a token, as an {@link Attempt}. Returns what `dispatch` returns. */
type Send = (token: AccessToken, resolve: (held: Attempt) => void, reject?: (error: Error) => void) => boolean;

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

/** Sends a request with the token, and again after a 401 if its body can be sent again. Returns what `dispatch` returns. */
export function sendCall(
  client: InstellixClient,
  body: unknown,
  handler: Dispatcher.DispatchHandler,
  send: Send,
): boolean {
  let wait: TokenWait | undefined;
  const getToken = (rejected?: AccessToken) => {
    wait = new TokenWait();
    handler.onRequestStart?.(wait, {});
    return client.getToken({ rejected, signal: wait.signal });
  };
  const fail = (error: Error) => handler.onResponseError?.(wait as TokenWait, error);
  const complete = (refused: Attempt, token: AccessToken) => {
    const driver = {
      tokens: client,
      isResendable: isResendable(body),
      refreshToken: getToken,
      // Never without a token: only redirects lead there, which this driver does not follow.
      send: (next?: AccessToken) =>
        new Promise<Attempt>((resolve, reject) => send(next as AccessToken, resolve, reject)),
      discard: (attempt: Attempt) => attempt.discard(),
    };
    completeRequest(driver, refused, token).then((last) => last.deliver(), fail);
  };
  const start = (token: AccessToken) => send(token, (refused) => complete(refused, token));

  const token = client.peekToken();
  if (token) return start(token);
  getToken().then(start).catch(fail);
  return true;
}
