import type { InstellixClient } from '@instellix/core';
import {
  clientValidator,
  defaultResendBodyBytes,
  number,
  object,
  readOptions,
  required,
} from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import { isApiRequest } from './api-request.ts';
import { Attempt } from './attempt.ts';
import { recordBody } from './request-body.ts';
import { type RequestHeaders, readHeaders } from './request-headers.ts';
import { sendCall } from './send-call.ts';

/** How {@link instellixInterceptor} treats requests. */
export interface UndiciInterceptorOptions {
  /**
   * How much of an iterable body is kept for a resend after a 401, in bytes. undici's `fetch` turns every body into an iterable.
   * 0: iterables are never resent. @default 65_536
   */
  readonly resendBodyBytes?: number | undefined;
}

const argumentsValidator = object({
  client: required(clientValidator),
  options: object<UndiciInterceptorOptions>({ resendBodyBytes: number(0, 2 ** 30) }),
});

/**
 * Creates an interceptor that adds the client's access token to the requests of an undici dispatcher below the API's base. Requests to
 * other URLs, and those with an `Authorization` of their own, pass unchanged. After a 401, the token is refreshed and the request is
 * resent once, if its body can be sent again. Compose it first, so that it sees each request that the other interceptors make.
 *
 * @throws ConfigurationError for arguments that cannot work
 * @example
 * ```ts
 * const dispatcher = new Agent().compose(instellixInterceptor(client));
 * ```
 */
export function instellixInterceptor(
  client: InstellixClient,
  options: UndiciInterceptorOptions = {},
): Dispatcher.DispatcherComposeInterceptor {
  const checked = readOptions(argumentsValidator, { client, options }, (given) => given.options);
  const { resendBodyBytes = defaultResendBodyBytes } = checked;
  const { apiUrl } = client.environment;
  // A redirect or a retry is dispatched with the handler of its call. After a call has left the API, an outside host may have chosen the
  // URL of its next request.
  const outsideCalls = new WeakSet<Dispatcher.DispatchHandler>();
  return (dispatch) => (given, handler) => {
    // Invalid options are left to undici, and so are connections for other protocols.
    const isRequest = typeof given?.path === 'string' && handler && !given.upgrade && given.method !== 'CONNECT';
    if (!isRequest) return dispatch(given, handler);
    // undici 7 does not name the origin of a Client or a Pool.
    if (!given.origin) throw new TypeError('The request has no origin: set `origin`, or pass an absolute URL.');
    const origin = String(given.origin);
    let headers: RequestHeaders | undefined;
    // Once, because reading uses up an iterable.
    const readOnce = () => (headers ??= readHeaders(given.headers));
    if (!isApiRequest(apiUrl, origin, given.path, () => readOnce()['host'])) outsideCalls.add(handler);
    else if (readOnce()['authorization'] === undefined && !outsideCalls.has(handler)) {
      const body = recordBody(given.body, resendBodyBytes);
      // A copy, because callers may change theirs while the call waits.
      const options = replaceFields(given, { origin, body });
      return sendCall(client, body, handler, ({ value }, resolve, reject) => {
        const headers = { ...readOnce(), authorization: `Bearer ${value}` };
        return dispatch(replaceFields(options, { headers }), new Attempt(apiUrl, handler, resolve, reject));
      });
    }
    return dispatch(headers ? replaceFields(given, { headers }) : given, handler);
  };
}

/** Copies options and replaces some of them. Keeps the prototype, because options may be an instance of a class with getters. */
function replaceFields(options: Dispatcher.DispatchOptions, fields: object): Dispatcher.DispatchOptions {
  return { __proto__: Object.getPrototypeOf(options), ...options, ...fields } as Dispatcher.DispatchOptions;
}
