import type { ServerResponse } from 'node:http';
import { type InstellixClient, RequestRefusedError } from '@instellix/core';

const reasonsOfGoneCallers = new WeakSet<object>();

/** Tells whether a call was given up only because the caller it was made for has gone away. */
export function isCallerGone(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && reasonsOfGoneCallers.has(reason);
}

/**
 * Makes a client's view for one request: its calls end when the caller goes away before the response has been sent, those of
 * others go on. Closing the view ends its own calls and leaves the client alone.
 *
 * A request that calls nobody pays for nothing but the view itself.
 */
export function createRequestClient(client: InstellixClient, response: ServerResponse): InstellixClient {
  let watch: AbortController | undefined;
  const controller = () => {
    watch ??= watchCaller(response);
    return watch;
  };
  const until = (own: AbortSignal | null | undefined) => {
    const { signal } = controller();
    return own ? AbortSignal.any([own, signal]) : signal;
  };
  const close = async () => {
    const message = 'req.instellix was closed, which ends the calls of its request. The client itself is open.';
    controller().abort(new RequestRefusedError('client_closed', message));
  };
  return {
    environment: client.environment,
    getToken,
    peekToken: () => client.peekToken(),
    authorizationHeader: async (options) => `Bearer ${(await getToken(options)).value}`,
    fetch: (input, init) => {
      // As on the platform: null takes the signal of a Request away.
      const own = init?.signal === undefined && input instanceof Request ? input.signal : init?.signal;
      return client.fetch(input, { ...init, signal: until(own) });
    },
    status: () => client.status(),
    subscribe: (listener) => client.subscribe(listener),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Aborts when the connection ends before the response does; never once the response has been sent. */
function watchCaller(response: ServerResponse): AbortController {
  const watch = new AbortController();
  const onClose = () => {
    if (response.writableFinished) return;
    const reason = new DOMException('The caller went away before it had its answer.', 'AbortError');
    reasonsOfGoneCallers.add(reason);
    watch.abort(reason);
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return watch;
}
