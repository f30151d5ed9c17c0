import type { AnyInstellixError } from './instellix-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** A 502 unless the code says otherwise. */
const statuses: Partial<Record<AnyInstellixError['code'], 500 | 503 | 504>> = {
  configuration_invalid: 500,
  token_request_throttled: 503,
  token_endpoint_unavailable: 503,
  client_closed: 503,
  token_request_timeout: 504,
};

/**
 * The HTTP status with which a service tells its own callers of an error that it met while calling instellix for them.
 *
 * Never 401 or 403, which would speak of the caller's own rights. For adapters and exception filters.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.6
 */
export function gatewayStatus({ code }: AnyInstellixError): 500 | 502 | 503 | 504 {
  return statuses[code] ?? 502;
}

/**
 * The `Retry-After` that goes with a {@link gatewayStatus} of 503, in whole seconds, when it is known.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterSeconds(error: AnyInstellixError): number | undefined {
  const { retryAfterMs } = error as Partial<TokenRequestError>;
  return retryAfterMs !== undefined && gatewayStatus(error) === 503 ? Math.ceil(retryAfterMs / 1_000) : undefined;
}
