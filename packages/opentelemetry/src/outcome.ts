import type { TokenEvent } from '@instellix/core';
import type { Attributes } from '@opentelemetry/api';

/** The attributes of metrics and spans that say how a token request ended. */
export function readOutcome(
  event: Extract<TokenEvent, { type: 'token_obtained' | 'token_request_failed' }>,
): Attributes {
  if (event.type === 'token_obtained') return { outcome: 'obtained' };
  return event.code === 'aborted' ? { outcome: 'aborted' } : { outcome: 'failed', 'error.type': event.code };
}
