import type { ServerResponse } from 'node:http';
import { type InstellixClient, RequestRefusedError } from '@instellix/core';
import { nativeSignal, readOption } from '@instellix/core/adapter';

class CallerDisconnect extends DOMException {
  constructor() {
    super('The caller disconnected before the response was sent.', 'AbortError');
  }
}

/** Returns whether a call ended only because the caller that it was made for has disconnected. */
export function isDisconnect(reason: unknown): reason is object {
  return reason instanceof CallerDisconnect;
}

/**
 * Creates a view of a client for one request: its calls end when the caller disconnects before the response has been sent. Closing the
 * view ends its own calls and leaves the client open.
 *
 * A request that makes no call costs nothing but the view itself.
 */
export function createRequestClient(client: InstellixClient, response: ServerResponse): InstellixClient {
  let watch: AbortController | undefined;
  const controller = () => {
    watch ??= watchCaller(response);
    return watch;
  };
  const until = (own: AbortSignal | null | undefined) => {
    const { signal } = controller();
    if (!own) return signal;
    const native: unknown = nativeSignal(own);
    // What is no signal is passed on, for the client to refuse.
    return native instanceof AbortSignal ? AbortSignal.any([native, signal]) : own;
  };
  const close = async () => {
    const message = 'req.instellix was closed, which ends the calls of its request. The client itself is open.';
    controller().abort(new RequestRefusedError('client_closed', message));
  };
  const getToken: InstellixClient['getToken'] = async (options) => {
    // As above: the client refuses what is no object.
    if (!isObject(options ?? {})) return client.getToken(options);
    return client.getToken(withSignal(options, until(options?.signal)));
  };
  return {
    environment: client.environment,
    getToken,
    peekToken: () => client.peekToken(),
    authorizationHeader: async (options) => `Bearer ${(await getToken(options)).value}`,
    fetch: async (input, init) => {
      if (!isObject(init ?? {})) return client.fetch(input, init);
      // As on the platform: null removes the signal of a Request, which may be one of another copy of undici.
      const own = init?.signal === undefined && isObject(input) && 'signal' in input ? input.signal : init?.signal;
      return client.fetch(input, withSignal(init, until(own)));
    },
    status: () => client.status(),
    subscribe: (listener) => client.subscribe(listener),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Copies options, with another signal. Spreading an instance of a class loses its getters, so these are read by name. */
function withSignal<Options extends object>(options: Options | undefined, signal: AbortSignal): Options {
  const source: object = options ?? {};
  // The same prototype, because core refuses unknown keys only of literals.
  const copy = Object.create(Object.getPrototypeOf(source));
  const set = (name: string, value: unknown) =>
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true });
  for (let level = source; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level))
      if (name !== 'constructor') set(name, readOption(source, name));
  }
  return set('signal', signal);
}

/** Aborts when the connection ends before the response has been sent. */
function watchCaller(response: ServerResponse): AbortController {
  const watch = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) watch.abort(new CallerDisconnect());
  };
  if (response.closed) onClose();
  else response.once('close', onClose);
  return watch;
}
