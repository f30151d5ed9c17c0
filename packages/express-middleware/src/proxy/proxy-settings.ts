import type { InstellixClient } from '@instellix/core';
import {
  arrayOf,
  clientValidator,
  func,
  object,
  optional,
  readOptions,
  required,
  type Validator,
} from '@instellix/core/adapter';
import { type AllowRule, isRulePath } from './allow-list.ts';
import type { InstellixProxyOptions } from './proxy-options.ts';
import { isForwardable } from './request-headers.ts';
import { isPlainPath } from './request-target.ts';

/** {@link InstellixProxyOptions}, checked, complete, and copied, so that nobody widens them later. */
export interface ProxySettings {
  readonly client: InstellixClient;
  readonly allow: readonly AllowRule[];
  readonly authorize: InstellixProxyOptions['authorize'];
  readonly mountPath: string | undefined;
  readonly maxBodyBytes: number;
  readonly replayBodyBytes: number;
  readonly timeouts: {
    readonly connectMs: number;
    readonly headersMs: number;
    readonly idleMs: number;
    readonly totalMs: number | undefined;
  };
  readonly requestHeaders: readonly string[];
  readonly dropResponseHeaders: readonly string[];
  readonly onEvent: InstellixProxyOptions['onEvent'];
}

/** CONNECT asks for a tunnel, and TRACE for its own headers back, token and all. */
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
/** Timers count in 32 bits. */
const ms = wholeNumber(1, 2 ** 31 - 1);
/** What is kept is kept in memory, for each request. */
const mostReplayBytes = 16 * 2 ** 20;

const optionsValidator = object({
  client: required(clientValidator),
  allow: required(
    arrayOf(
      object({
        methods: required(
          arrayOf(required(word(`one of ${methods.join(', ')}`, (value) => methods.includes(value))), 1),
        ),
        path: required(
          word(
            'a path that begins with a slash, without query, dot segments and double slashes, percent-encoded only where it must be, and with no asterisk but a final /**',
            isRulePath,
          ),
        ),
        query: arrayOf(required(word('the name of a query parameter', () => true))),
      }),
      1,
    ),
  ),
  authorize: func<NonNullable<InstellixProxyOptions['authorize']>>(),
  mountPath: word('a path that begins with a slash and does not end with one, or empty', isMountPath),
  maxBodyBytes: wholeNumber(0, 2 ** 50),
  replayBodyBytes: wholeNumber(0, mostReplayBytes),
  timeouts: object({ connectMs: ms, headersMs: ms, idleMs: ms, totalMs: ms }),
  requestHeaders: arrayOf(
    required(word('a header that may be forwarded: no credential, none that ends at each connection', isForwardable)),
  ),
  responseHeaders: object({ drop: arrayOf(required(word('the name of a header', isHeaderName))) }),
  onEvent: func<NonNullable<InstellixProxyOptions['onEvent']>>(),
});

/** @throws ConfigurationError with all problems of the options */
export function readProxyOptions(given: InstellixProxyOptions): ProxySettings {
  return readOptions(
    optionsValidator,
    given,
    ({ mountPath, maxBodyBytes, replayBodyBytes, timeouts, requestHeaders, responseHeaders, ...same }) => ({
      ...same,
      mountPath: mountPath === '/' ? '' : mountPath,
      maxBodyBytes: maxBodyBytes ?? 10 * 2 ** 20,
      replayBodyBytes: replayBodyBytes ?? 64 * 2 ** 10,
      timeouts: {
        connectMs: timeouts.connectMs ?? 5_000,
        headersMs: timeouts.headersMs ?? 30_000,
        idleMs: timeouts.idleMs ?? 60_000,
        totalMs: timeouts.totalMs,
      },
      requestHeaders: requestHeaders ?? [],
      dropResponseHeaders: responseHeaders.drop ?? [],
    }),
    'instellixProxy',
  );
}

function word(wanted: string, isWanted: (value: string) => boolean): Validator<string | undefined> {
  return optional<string>(wanted, (value) => typeof value === 'string' && isWanted(value));
}

function wholeNumber(least: number, most: number): Validator<number | undefined> {
  return optional(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isInteger(value) && value >= least && value <= most,
    true,
  );
}

function isMountPath(path: string): boolean {
  return path === '' || path === '/' || (isPlainPath(path) && !path.endsWith('/'));
}

function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^`|~\w]+$/.test(name);
}
