import { METHODS, validateHeaderName, validateHeaderValue } from 'node:http';
import * as v from 'valibot';
import { choice, clientId, integer, isObject, MAX_TIMER_MS, object } from './schemas.ts';

/**
 * A way in which the emulator misbehaves on purpose. One of `respond`, `delayMs` and `socket` is needed.
 *
 * Every request that `on` and `clientId` describe is counted from the moment of `faults.add()`; of several faults that
 * are due, the oldest takes the request.
 */
export interface Fault {
  /** `token` for the token endpoint, or method and path without the query, such as `GET /customers`. */
  readonly on: 'token' | `${string} /${string}`;
  /** Only requests of this client: that of the Basic header, or that to which the bearer token belongs. */
  readonly clientId?: string;
  /**
   * The first request that is hit, 1 being the next one.
   *
   * @default 1
   */
  readonly nth?: number;
  /**
   * How many requests are hit.
   *
   * @default without limit; 1 when `nth` is given
   */
  readonly times?: number;
  /** How long the answer is held back, in real milliseconds, also under a frozen clock; the request is decided first. */
  readonly delayMs?: number;
  /** The answer that is sent instead of the real one; the request is not carried out. */
  readonly respond?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /**
   * What happens to the connection: `reset` breaks it off without an answer, `hang` never answers, and neither carries
   * out the request; `truncate` breaks it off in the middle of the answer.
   */
  readonly socket?: 'reset' | 'hang' | 'truncate';
}

/** What `faults.add()` returns. */
export interface FaultHandle {
  readonly id: string;
  /** How many requests the fault has hit so far. */
  readonly hits: number;
  /** Ends the fault; twice is harmless. */
  remove(): Promise<void>;
}

/** What `faults.list()` tells about a fault. */
export interface FaultSummary {
  readonly id: string;
  /** How many requests the fault has hit so far. */
  readonly hits: number;
  readonly fault: Fault;
}

const respond = object({
  status: v.pipe(integer(200, 599), v.description('The status of the response')),
  headers: v.optional(
    v.pipe(
      v.custom<Readonly<Record<string, string>>>(isRecordOfStrings, 'must be an object of strings'),
      v.check(areHeaders, 'holds a name or value that HTTP does not allow (RFC 9110 section 5)'),
      v.transform((headers) =>
        Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      ),
      v.metadata({ type: 'object', additionalProperties: { type: 'string' } }),
      v.description("A header such as 'Retry-After: 1'"),
    ),
  ),
  body: v.optional(
    v.pipe(
      v.custom<string>((body) => typeof body === 'string', 'must be a string; use JSON.stringify() for JSON'),
      v.metadata({ type: 'string' }),
      v.description('The body of the response'),
    ),
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
    clientId: v.optional(v.pipe(clientId, v.description('Only requests of this client'))),
    nth: v.optional(v.pipe(integer(1, Number.MAX_SAFE_INTEGER), v.description('The first request that is hit'))),
    times: v.optional(v.pipe(integer(1, Number.MAX_SAFE_INTEGER), v.description('How many requests are hit'))),
    delayMs: v.optional(v.pipe(integer(0, MAX_TIMER_MS), v.description('How long the response is held back'))),
    respond: v.optional(
      v.pipe(
        respond,
        v.check(
          ({ status, body }) => !body || ![204, 205, 304].includes(status),
          ({ input }) => `has a body, which a ${input.status} cannot have; leave it out`,
        ),
      ),
    ),
    socket: v.optional(v.pipe(choice('reset', 'hang', 'truncate'), v.description('What happens to the connection'))),
  }),
  v.check(
    ({ delayMs, respond, socket }) => delayMs !== undefined || respond !== undefined || socket !== undefined,
    'does nothing; give respond, delayMs or socket',
  ),
  v.check(
    ({ respond, socket }) => respond === undefined || socket === undefined || socket === 'truncate',
    ({ input }) => `has both respond and socket "${input.socket}", after which no response can be sent; drop one`,
  ),
);

function findPathProblem(on: unknown): string | undefined {
  if (on === 'token') return undefined;
  const [method, path, ...rest] = typeof on === 'string' ? on.split(' ') : [];
  if (method === undefined || !path?.startsWith('/') || rest.length > 0) {
    return 'must be "token", or method and path such as "GET /customers"';
  }
  if (!METHODS.includes(method)) return 'must begin with an HTTP method in capitals, such as GET or POST';
  if (/[?#]/.test(path)) return 'must be the path alone, without a query or fragment';
  if (new URL(path, 'http://localhost').pathname !== path) {
    return 'must be the path as it is sent: percent-encoded, without dot segments and double slashes';
  }
  if (/^\/(?:portal|_emulator)(?:\/|$)/.test(path)) {
    return 'must not be a path of the portal or of the administration, which have no faults';
  }
  return undefined;
}

function isRecordOfStrings(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((member) => typeof member === 'string');
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch {
    return false;
  }
}
