import type { ServerResponse } from 'node:http';
import type { AnyInstellixError } from '@instellix/core';
import { gatewayStatus, retryAfterSeconds } from '@instellix/core/adapter';
import { sendProblem } from '../problem/problem-details.ts';

/** What the proxy itself has to say; `docs/express-proxy.md` has a row for each. */
const problems = {
  malformed_target: [400, 'The request target is malformed, or written in more than one way.'],
  query_not_allowed: [400, 'The query has a parameter that is not allowed, or has one twice.'],
  malformed_framing: [400, 'It is not clear where the body of the request ends.'],
  body_not_allowed: [400, 'A request of this method has no body.'],
  forbidden: [403, 'The request is not allowed.'],
  not_found: [404, 'There is nothing at this address.'],
  method_not_allowed: [405, 'The method is not allowed at this address.'],
  request_timeout: [408, 'The body of the request did not arrive in time.'],
  body_too_large: [413, 'The body of the request is too large.'],
  body_consumed: [500, 'The body of the request was read before it could be forwarded.'],
  transfer_coding_not_supported: [501, 'Of the transfer codings only chunked is supported.'],
  upgrade_not_supported: [501, 'The connection cannot be upgraded.'],
  upstream_failed: [502, 'The API did not give a complete answer.'],
  client_closed: [503, 'The service is about to end.'],
  upstream_timeout: [504, 'The API did not answer in time.'],
  version_not_supported: [505, 'Of the versions of HTTP only 1.0 and 1.1 are supported.'],
  loop_detected: [508, 'The request has come back to where it was sent from.'],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

/** Said of every error of core: what it means in detail is for the operator, who finds it in the event. */
const tokenDetail = 'The service could not get access to the API.';

/** A refusal or failure that the proxy finds itself. */
export type ProxyProblemCode = keyof typeof problems;

/** Whatever `code` an answer of the proxy, or an event, can bear. */
export type ProxyCode = ProxyProblemCode | AnyInstellixError['code'];

/** Answers with a problem of the proxy's own; returns the status. */
export function answerProblem(
  response: ServerResponse,
  code: ProxyProblemCode,
  headers?: Readonly<Record<string, string>>,
): number {
  const [status, detail] = problems[code];
  sendProblem(response, { status, code, detail, headers });
  return status;
}

/** Answers with what an error of core means to callers; returns the status. */
export function answerError(response: ServerResponse, error: AnyInstellixError): number {
  const status = gatewayStatus(error);
  const seconds = retryAfterSeconds(error);
  const headers = seconds === undefined ? undefined : { 'Retry-After': String(seconds) };
  sendProblem(response, { status, code: error.code, detail: tokenDetail, headers });
  return status;
}
