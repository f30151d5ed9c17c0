import { JSON_HEADERS, type WireResponse } from '../http/exchange.ts';
import type { Reason } from '../state/request-entry.ts';

/** What was decided about a request: the response, and the reason that only the request log has. */
export interface Outcome extends WireResponse {
  readonly reason: Reason;
  readonly realm?: string;
  readonly clientId?: string;
}

/** Whose request it is, as far as the emulator knows that realm and that client. */
export type Requester = Pick<Outcome, 'realm' | 'clientId'>;

/**
 * The answer to a method that a path does not have.
 *
 * @param allow the methods it has, separated by commas.
 * @see RFC 9110 section 15.5.6
 */
export function methodNotAllowed(allow: string, requester: Requester): Outcome {
  const body = '{"error":"invalid_request","error_description":"this path does not have this method"}';
  return { status: 405, reason: 'method_not_allowed', headers: { ...JSON_HEADERS, allow }, body, ...requester };
}
