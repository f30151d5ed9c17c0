import { JSON_HEADERS, type Outcome, type Requester } from './outcome.ts';

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
