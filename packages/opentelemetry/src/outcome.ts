import type { TokenEvent } from '@instellix/core';
import type { Attributes } from '@opentelemetry/api';

/** The events that end a token request. */
export type EndOfRequest = Extract<
  TokenEvent,
  { type: 'token_obtained' | 'token_request_failed' | 'token_request_aborted' }
>;

/** Returns whether an event ends a token request, if one is in progress. */
export function isEndOfRequest(event: TokenEvent): event is EndOfRequest {
  const types: readonly string[] = ['token_obtained', 'token_request_failed', 'token_request_aborted'];
  return types.includes(event.type);
}

/** The attributes of metrics and spans that say how a token request ended. */
export function readOutcome(event: EndOfRequest): Attributes {
  if (event.type === 'token_obtained') return { outcome: 'obtained' };
  return event.type === 'token_request_failed'
    ? { outcome: 'failed', 'error.type': event.code }
    : { outcome: 'aborted' };
}
