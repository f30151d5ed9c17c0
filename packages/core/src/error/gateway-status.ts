import type { AnyInstellixError } from './instellix-error.ts';

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
