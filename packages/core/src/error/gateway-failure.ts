import { isRememberedUnreachable } from './api-unreachable.ts';
import { findCause } from './find-instellix-error.ts';
import { type AnyInstellixError, isInstellixError } from './is-instellix-error.ts';
import type { TokenRequestError } from './token-request-error.ts';

/** The error of a call that did not reach the API: a `TypeError` of `fetch` on most platforms, or an AxiosError. */
export interface ApiUnreachableError extends Error {
  readonly code?: string;
  readonly retryable?: never;
}

/** How a server responds to its own callers when a call of instellix on their behalf failed. */
export interface GatewayFailure {
  /** What was found: the caught value, or one of its causes. */
  readonly error: AnyInstellixError | ApiUnreachableError;
  /** Never 401 or 403, which would describe the caller's own rights. */
  readonly status: 500 | 502 | 503 | 504;
  readonly code: AnyInstellixError['code'] | 'api_unreachable';
  /** `Retry-After` in whole seconds, for a 503 when it is known. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The codes whose status is not 502. */
const statuses: Partial<Record<AnyInstellixError['code'], 500 | 503 | 504>> = {
  configuration_invalid: 500,
  token_request_throttled: 503,
  token_endpoint_unavailable: 503,
  client_closed: 503,
  token_request_timeout: 504,
};

const isFound = (error: unknown): error is GatewayFailure['error'] =>
  isInstellixError(error) || isRememberedUnreachable(error);

/**
 * Finds a failure of instellix in a caught value and its causes, and says how a server responds to it. Undefined for every other value.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-15.6
 */
export function findGatewayFailure(thrown: AnyInstellixError): GatewayFailure;
export function findGatewayFailure(thrown: unknown): GatewayFailure | undefined;
export function findGatewayFailure(thrown: unknown): GatewayFailure | undefined {
  const error = findCause(thrown, isFound);
  if (!error) return undefined;
  if (!isInstellixError(error)) return { error, status: 502, code: 'api_unreachable', headers: {} };
  // A vault that is down is no fault of this configuration.
  const isSecretUnavailable = error.code === 'configuration_invalid' && error.retryable;
  const status = isSecretUnavailable ? 503 : (statuses[error.code] ?? 502);
  const { retryAfterMs } = error as Partial<TokenRequestError>;
  const isKnown = status === 503 && retryAfterMs !== undefined;
  const headers: Record<string, string> = isKnown ? { 'Retry-After': String(Math.ceil(retryAfterMs / 1_000)) } : {};
  return { error, status, code: error.code, headers };
}
