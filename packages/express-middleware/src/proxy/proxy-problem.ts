import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AnyInstellixError, isInstellixError } from '@instellix/core';
import { findGatewayFailure } from '@instellix/core/adapter';
import { sendProblem } from '../problem/problem-details.ts';
import { drainRequest } from './drain-request.ts';

/** Says what to do; the mistake is the service's own, and shows with the first request that has a body. */
export const bodyConsumedDetail =
  'A body parser has read the body before the proxy. Mount the proxy before express.json() and other parsers, or keep them off its route. ' +
  'In NestJS, mount the proxy in main.ts with app.use(path, proxy), before app.listen(): parsers run before the middleware of forRoutes().';

/** The problems that the proxy detects; `docs/express-proxy.md` has a row for each. */
const problems = {
  malformed_target: [
    400,
    'The request target is malformed or ambiguous: percent-encode it, without dot segments and double slashes.',
  ],
  query_not_allowed: [400, 'The query has a parameter that is not allowed, or repeats one.'],
  malformed_framing: [
    400,
    'The framing of the body is ambiguous: send either Content-Length or Transfer-Encoding, once.',
  ],
  body_not_allowed: [400, 'A request with this method must not have a body.'],
  forbidden: [403, 'The request is not allowed.'],
  not_found: [404, 'Nothing is available at this path.'],
  method_not_allowed: [405, 'The method is not allowed at this path.'],
  request_timeout: [408, 'The body of the request did not arrive in time.'],
  body_too_large: [413, 'The body of the request is too large.'],
  body_consumed: [500, bodyConsumedDetail],
  transfer_coding_not_supported: [501, 'The only supported transfer coding is chunked.'],
  upgrade_not_supported: [501, 'The connection cannot be upgraded.'],
  upstream_failed: [502, 'The API was not reached, or did not send a complete response.'],
  client_closed: [503, 'The service is shutting down.'],
  upstream_timeout: [504, 'The API did not respond in time.'],
  version_not_supported: [505, 'The only supported versions of HTTP are 1.0 and 1.1.'],
  loop_detected: [508, 'The request is in a loop: the proxy received a request that it had sent.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

/** The detail of each error of core. What it means is for the operator, who finds it in the event. */
const coreErrorDetail = 'The service could not get access to the API.';

/** The code of a problem that the proxy detects. */
export type ProxyProblemCode = keyof typeof problems;

/** Each `code` that a problem document of the proxy, or an event, can have. */
export type ProxyCode = ProxyProblemCode | AnyInstellixError['code'];

/** Why a request is not forwarded, or its response is not complete. */
export class ProxyRejection extends Error {
  readonly code: ProxyProblemCode;
  readonly status: number;
  /** Headers that the response must have, such as `Allow`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** What is known besides the code, for the operator. */
  readonly reason: string | undefined;

  constructor(code: ProxyProblemCode, { headers, reason }: Partial<Pick<ProxyRejection, 'headers' | 'reason'>> = {}) {
    const [status, detail] = problems[code];
    super(detail);
    this.code = code;
    this.status = status;
    this.headers = headers;
    this.reason = reason;
  }
}

/** What a caller is told about, and an event reports. */
export type ProxyProblem = ProxyRejection | AnyInstellixError;

/** The codes of undici and of Node. */
const timeoutCode = /^(?:UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/;

/** Returns which problem it is that no token was obtained, or that the API did not send a complete response. */
export function classifyFailure(thrown: unknown): ProxyProblem {
  if (thrown instanceof ProxyRejection || isInstellixError(thrown)) return thrown;
  const { code, name } = Object(thrown) as { readonly code?: unknown; readonly name?: string };
  const reason = typeof code === 'string' ? code : String(name);
  return new ProxyRejection(timeoutCode.test(reason) ? 'upstream_timeout' : 'upstream_failed', { reason });
}

/** Sends a problem document, and reads what is left of the request. */
export function respondWithProblem(request: IncomingMessage, response: ServerResponse, problem: ProxyProblem): void {
  const isOurs = problem instanceof ProxyRejection;
  const { status, headers } = isOurs ? problem : findGatewayFailure(problem);
  sendProblem(response, { status, code: problem.code, detail: isOurs ? problem.message : coreErrorDetail, headers });
  drainRequest(request, response);
}
