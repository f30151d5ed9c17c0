import type { ServerResponse } from 'node:http';
import { type InstellixClient, RequestRefusedError } from '@instellix/core';
import { readOption } from '@instellix/core/adapter';

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
  const getToken: InstellixClient['getToken'] = async (options) => {
    // What is no object is passed on, for the client to refuse.
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

/** Copies options, with another signal. Spreading an instance of a class would lose its getters, so these are read by name. */
function withSignal<Options extends object>(options: Options | undefined, signal: AbortSignal) {
  const source: object = options ?? {};
  const names = new Set<string>();
  for (let level = source; level && level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name);
  }
  names.delete('constructor');
  const fields = [...names].map((name) => [name, readOption(source, name)] as const);
  const properties = [...fields, ['signal', signal] as const].map(([name, value]) => [
    name,
    { value, enumerable: true },
  ]);
  // The same prototype, because core refuses unknown keys of literals only.
  return Object.create(Object.getPrototypeOf(source), Object.fromEntries(properties)) as Options;
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
