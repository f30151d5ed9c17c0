import type { InstellixClient } from '@instellix/core';
import {
  arrayOf,
  clientValidator,
  defaultResendBodyBytes,
  func,
  maxTimerMs,
  object,
  optional,
  readOptions,
  required,
  type Validator,
  withMethods,
} from '@instellix/core/adapter';
import type { Dispatcher } from 'undici';
import { AllowList, type AllowRule, isRulePath } from './allow-list.ts';
import { createApiDispatcher } from './api-dispatcher.ts';
import type { InstellixProxyOptions } from './proxy-options.ts';
import { isForwardable, isHeaderName, RequestHeaders } from './request-headers.ts';
import { isPlainPath } from './request-target.ts';
import { ResponseHeaders } from './response-headers.ts';

/** The client and {@link InstellixProxyOptions}: checked, complete, and copied, so that later changes have no effect. */
export type ProxySettings = ReturnType<typeof readProxySettings>;

/** CONNECT asks for a tunnel, and a response to TRACE repeats the headers of the request, with the token. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
const milliseconds = integer(1, maxTimerMs);
/** This much is kept in memory for each request. */
const maxResendBytes = 16 * 2 ** 20;

/** Invalid UTF-8 in a request is read as the excluded character. */
const isParameterName = (name: string) => !name.includes('\uFFFD');
const parameter = word('the name of a query parameter, or { name, repeated: true }', isParameterName);
const repeatedParameter = object({
  name: word('the name of a query parameter', isParameterName),
  repeated: required(optional<true>('true', (value) => value === true)),
});
const method = word(`one of ${methods.join(', ')}`, (value) => methods.includes(value));
const rule = object({
  methods: required(arrayOf(method, 1)),
  path: word(
    'a path that begins with a slash, without query, dot segments and double slashes, percent-encoded only where necessary, and without asterisks besides a final /**',
    isRulePath,
  ),
  query: arrayOf<NonNullable<AllowRule['query']>[number]>((value, label, problems) => {
    const validator = typeof value === 'object' && value !== null ? repeatedParameter : parameter;
    return validator(value, label, problems);
  }),
});

const argumentsValidator = object({
  client: required(clientValidator),
  options: object({
    allow: required(arrayOf(rule, 1)),
    authorize: func<NonNullable<InstellixProxyOptions['authorize']>>(),
    mountPath: optional<string>('a path that begins with a slash and does not end with one, or empty', isMountPath),
    maxBodyBytes: integer(0, 2 ** 50),
    resendBodyBytes: integer(0, maxResendBytes),
    timeouts: object({
      connectMs: milliseconds,
      headersMs: milliseconds,
      idleMs: milliseconds,
      totalMs: milliseconds,
    }),
    requestHeaders: arrayOf(
      word('a header that can be forwarded: not a credential, and not a hop-by-hop header', isForwardable),
    ),
    responseHeaders: object({ drop: arrayOf(word('the name of a header', isHeaderName)) }),
    onEvent: func<NonNullable<InstellixProxyOptions['onEvent']>>(),
    dispatcher: withMethods<Dispatcher>('dispatch'),
  }),
});

/** @throws ConfigurationError with all problems of the arguments */
export function readProxySettings(client: InstellixClient, options: InstellixProxyOptions) {
  const { options: given } = readOptions(argumentsValidator, { client, options }, (read) => read, 'instellixProxy');
  const { allow, authorize, mountPath, onEvent } = given;
  const { apiUrl } = client.environment;
  const { connectMs = 5_000, headersMs = 30_000, idleMs = 60_000, totalMs } = given.timeouts;
  return {
    client,
    apiUrl,
    // Computed once: every request needs them.
    apiOrigin: apiUrl.origin,
    apiPath: apiUrl.pathname.slice(0, -1),
    allowList: new AllowList(allow),
    authorize,
    mountPath: mountPath === '/' ? '' : mountPath,
    maxBodyBytes: given.maxBodyBytes ?? 10 * 2 ** 20,
    resendBodyBytes: given.resendBodyBytes ?? defaultResendBodyBytes,
    timeouts: { headersMs, idleMs, totalMs },
    requestHeaders: new RequestHeaders(given.requestHeaders ?? []),
    responseHeaders: new ResponseHeaders(given.responseHeaders.drop ?? []),
    onEvent,
    dispatcher: given.dispatcher ?? createApiDispatcher(connectMs),
    ownsDispatcher: !given.dispatcher,
  };
}

/** A string, which must be present. */
function word(expected: string, isValid: (value: string) => boolean): Validator<string> {
  return required(optional<string>(expected, (value) => typeof value === 'string' && isValid(value)));
}

function integer(min: number, max: number): Validator<number | undefined> {
  return optional(
    `an integer from ${min} to ${max}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
    true,
  );
}

function isMountPath(path: unknown): boolean {
  return path === '' || path === '/' || (typeof path === 'string' && isPlainPath(path) && !path.endsWith('/'));
}
