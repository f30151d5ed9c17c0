import type { AnyInstellixError } from './instellix-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** The codes whose status is not 502. */
const statuses: Partial<Record<AnyInstellixError['code'], 500 | 503 | 504>> = {
  configuration_invalid: 500,
  token_request_throttled: 503,
  token_endpoint_unavailable: 503,
  client_closed: 503,
  token_request_timeout: 504,
};

/**
 * Returns the HTTP status with which a server responds to its own callers when a call of instellix on their behalf failed.
 *
 * Never 401 or 403, which would describe the caller's own rights.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.6
 */
export function gatewayStatus({ code }: AnyInstellixError): 500 | 502 | 503 | 504 {
  return statuses[code] ?? 502;
}

/**
 * Returns the `Retry-After` for a {@link gatewayStatus} of 503, in whole seconds, if known.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(error: AnyInstellixError): number | undefined {
  const { retryAfterMs } = error as Partial<TokenRequestError>;
  return retryAfterMs !== undefined && gatewayStatus(error) === 503 ? Math.ceil(retryAfterMs / 1_000) : undefined;
}
