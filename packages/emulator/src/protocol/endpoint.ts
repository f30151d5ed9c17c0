import type { ReceivedBody } from '../http/body.ts';
import { JSON_HEADERS, type WireResponse } from '../http/exchange.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Reason, RequestEntry } from '../state/request-log.ts';

/** An endpoint: its name in the request log, and its rules. */
export interface Endpoint {
  /** The name of a request in the request log. It contains no part of the request that may be a secret. */
  name(method: string, path: string, state: EmulatorState): string;
  /** A longer body is rejected. @default 0 */
  readonly maxBodyBytes?: number;
  /** Handles a request synchronously. @throws Refusal, or InvalidInput when a member of its JSON body is invalid. */
  decide(state: EmulatorState, request: ReceivedRequest): Outcome;
  /** The realm and client that a request claims to come from, for the request log. Nothing is verified. */
  identify?(state: EmulatorState, request: ReceivedRequest): Requester;
}

/** A request. Its body is read before an endpoint decides, which is synchronous. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The realm in the path, decoded. */
  readonly realm: string | undefined;
  readonly body: ReceivedBody;
}

/** The realm and the client of a request; left out when they do not exist. */
export type Requester = Pick<RequestEntry, 'realm' | 'clientId'>;

/** The response to a request, and the reason, which only the request log shows. */
export interface Outcome extends WireResponse {
  readonly reason: Reason;
}

/** Ends the handling of a request with an error response. */
export class Refusal extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.reason);
    this.outcome = outcome;
  }
}

/** A JSON response. `body` is an object, or JSON. */
export function toJson(
  status: number,
  reason: Reason,
  body: object | string,
  headers: Readonly<Record<string, string>> = {},
): Outcome {
  const json = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, reason, headers: { ...JSON_HEADERS, ...headers }, body: json };
}

/** Checks that a path supports the method. @throws Refusal (RFC 9110 section 15.5.6) */
export function requireMethod({ method }: ReceivedRequest, ...supported: readonly string[]): void {
  if (supported.includes(method)) return;
  const allow = supported.join(', ');
  const body = { error: 'invalid_request', error_description: `this path supports only ${allow}` };
  throw new Refusal(toJson(405, 'method_not_allowed', body, { allow }));
}

/** The response to an invalid request, with an error code of RFC 6749 section 5.2. */
export function invalidRequest(
  reason: 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope',
  description: string,
  status = 400,
): Refusal {
  return new Refusal(toJson(status, reason, { error: reason, error_description: description }));
}
