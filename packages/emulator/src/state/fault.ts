import { METHODS } from 'node:http';
import * as v from 'valibot';
import { NO_BODY } from '../http/body.ts';
import { choice, clientId, described, integer, isObject, MAX_TIMER_MS, object } from './schemas.ts';

/**
 * A fault to inject. At least one of `respond`, `delayMs` and `socket` is required.
 *
 * `nth` and `times` count the requests that `on` and `clientId` match, from `faults.add()` on. When several faults are
 * due, the oldest one is applied.
 */
export interface Fault {
  /** `token` for the token endpoint, or method and path without the query, such as `GET /customers`. */
  readonly on: 'token' | `${string} /${string}`;
  /** Matches requests of this client only: the one in the Basic header, or the one of the bearer token. */
  readonly clientId?: string;
  /** The first request that is hit; 1 is the next one. @default 1 */
  readonly nth?: number;
  /** How many requests are hit. @default no limit; 1 when `nth` is given */
  readonly times?: number;
  /** Delays the response by this many real milliseconds, also under a frozen clock. The request is handled before. */
  readonly delayMs?: number;
  /** Sends this response instead of the real one. The request has no effect. */
  readonly respond?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /**
   * `reset` resets the connection without a response, `hang` never sends a response; the request has no effect.
   * `truncate` breaks the connection in the middle of the response.
   */
  readonly socket?: 'reset' | 'hang' | 'truncate';
}

/** The result of `faults.add()`. */
export interface FaultHandle {
  readonly id: string;
  /** The number of requests that the fault has hit. */
  readonly hits: number;
  /** Removes the fault. Can be called twice. */
  remove(): Promise<void>;
}

/** An entry of `faults.list()`. */
export interface FaultSummary {
  readonly id: string;
  /** The number of requests that the fault has hit. */
  readonly hits: number;
  readonly fault: Fault;
}

const respond = object({
  status: described('The status of the response', integer(200, 599)),
  headers: v.optional(
    v.pipe(
      v.custom<Readonly<Record<string, string>>>(isRecordOfStrings, 'must be an object whose values are strings'),
      v.check(areHeaders, 'has a name or value that HTTP does not allow (RFC 9110 section 5)'),
      v.transform((headers) => Object.fromEntries(new Headers(headers))),
      v.metadata({ type: 'object', additionalProperties: { type: 'string' } }),
      v.description("A header such as 'Retry-After: 1'"),
    ),
  ),
  body: v.optional(
    described('The body of the response', v.string('must be a string; use JSON.stringify() for an object')),
  ),
});

/** The schema of a fault. */
export const faultSchema = v.pipe(
  object({
    on: v.pipe(
      v.custom<Fault['on']>(
        (on) => findPathProblem(on) === undefined,
        ({ input }) => findPathProblem(input) ?? '',
      ),
      v.metadata({ type: 'string' }),
      v.description('token, or method and path such as "GET /customers"'),
    ),
    clientId: v.optional(described('Match requests of this client only', clientId)),
    nth: v.optional(described('The first request that is hit', integer(1, Number.MAX_SAFE_INTEGER))),
    times: v.optional(described('How many requests are hit', integer(1, Number.MAX_SAFE_INTEGER))),
    delayMs: v.optional(described('How long to delay the response, in real time', integer(0, MAX_TIMER_MS))),
    respond: v.optional(
      v.pipe(
        respond,
        v.check(
          ({ status, body }) => !body || !NO_BODY.includes(status),
          ({ input }) => `has a body, but a response with the status ${input.status} has none; leave it out`,
        ),
      ),
    ),
    socket: v.optional(described('How to break the connection', choice('reset', 'hang', 'truncate'))),
  }),
  v.check(
    ({ delayMs, respond, socket }) => delayMs !== undefined || respond !== undefined || socket !== undefined,
    'has no effect; give respond, delayMs or socket',
  ),
  v.forward(
    v.check(
      ({ respond, socket }) => respond === undefined || socket === undefined || socket === 'truncate',
      ({ input }) =>
        `must not be "${input.socket}" together with a response status, because no response is sent; leave one of them out`,
    ),
    ['socket'],
  ),
);

function findPathProblem(on: unknown): string | undefined {
  if (on === 'token') return undefined;
  const [method, path, ...rest] = typeof on === 'string' ? on.split(' ') : [];
  if (method === undefined || !path?.startsWith('/') || rest.length > 0) {
    return 'must be "token", or method and path such as "GET /customers"';
  }
  if (!METHODS.includes(method)) return 'must begin with an HTTP method in upper case, such as GET or POST';
  if (/[?#]/.test(path)) return 'must be a path without a query or fragment';
  if (URL.parse(path, 'http://localhost')?.pathname !== path) {
    return 'must be the path as it is sent: percent-encoded, without "." and ".." segments and double slashes';
  }
  if (/^\/(?:portal|_emulator)(?:\/|$)/.test(path)) {
    return 'must not be a path of the portal or of the administration, because faults do not apply to them';
  }
  return undefined;
}

function isRecordOfStrings(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((member) => typeof member === 'string');
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    return Boolean(new Headers(headers));
  } catch {
    return false;
  }
}
