import { InstellixError } from './instellix-error.ts';

/** Why no token could be obtained. `docs/errors.md` explains each code. */
export type TokenRequestErrorCode =
  | 'credentials_rejected'
  | 'token_request_throttled'
  | 'token_request_refused'
  | 'token_endpoint_unavailable'
  | 'token_request_timeout'
  | 'token_response_invalid';

/** What is known about a failed token request besides its code. */
export interface TokenRequestErrorDetails {
  /** The HTTP status of the last response, if there was one. */
  readonly status?: number | undefined;
  /** The `error` code of the response. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  readonly oauthError?: string | undefined;
  /** How long to wait before a retry can succeed, in milliseconds, if known. */
  readonly retryAfterMs?: number | undefined;
  /** The error code of the connection, such as `ECONNREFUSED`. */
  readonly reason?: string | undefined;
  /** False when waiting cannot help although the code suggests it. @default true for throttled, unavailable and timeout */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

const retryableCodes: ReadonlySet<TokenRequestErrorCode> = new Set([
  'token_request_throttled',
  'token_endpoint_unavailable',
  'token_request_timeout',
]);

/** No token could be obtained from the token endpoint. */
export class TokenRequestError extends InstellixError {
  override get name(): 'TokenRequestError' {
    return 'TokenRequestError';
  }

  readonly code: TokenRequestErrorCode;
  readonly retryable: boolean;
  /** The HTTP status of the last response, if there was one. */
  declare readonly status?: number;
  /** The `error` code of the response. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  declare readonly oauthError?: string;
  /** How long to wait before a retry can succeed, in milliseconds, if known. */
  declare readonly retryAfterMs?: number;
  /** The error code of the connection, such as `ECONNREFUSED`, or a message without a code, if the request failed without a response. */
  declare readonly reason?: string;

  constructor(code: TokenRequestErrorCode, message: string, details: TokenRequestErrorDetails = {}) {
    super(message, details.cause);
    this.code = code;
    this.retryable = details.retryable ?? retryableCodes.has(code);
    // A field that is unknown is left out, so that logs show no empty fields.
    if (details.status !== undefined) this.status = details.status;
    if (details.oauthError !== undefined) this.oauthError = details.oauthError;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.reason !== undefined) this.reason = details.reason;
  }
}
