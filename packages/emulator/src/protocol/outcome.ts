import { JSON_HEADERS, type WireResponse } from '../http/exchange.ts';
import type { Reason } from '../state/request-log.ts';

/** The response to a request, and the reason, which only the request log shows. */
export interface Outcome extends WireResponse {
  readonly reason: Reason;
  readonly realm?: string;
  readonly clientId?: string;
}

/** The realm and the client of a request; left out when they do not exist. */
export type Requester = Pick<Outcome, 'realm' | 'clientId'>;

/**
 * The response to a method that a path does not support.
 *
 * @param allow the supported methods, separated by commas.
 * @see RFC 9110 section 15.5.6
 */
export function methodNotAllowed(allow: string, requester: Requester): Outcome {
  const body = `{"error":"invalid_request","error_description":"this path supports only ${allow}"}`;
  return { status: 405, reason: 'method_not_allowed', headers: { ...JSON_HEADERS, allow }, body, ...requester };
}
