import { InstellixError } from './instellix-error.ts';

/** Why no token could be obtained; `docs/errors.md` has a row for each. */
export type TokenRequestErrorCode =
  | 'credentials_rejected'
  | 'token_request_throttled'
  | 'token_request_refused'
  | 'token_endpoint_unavailable'
  | 'token_request_timeout'
  | 'token_response_invalid';

/** What is known about a failed token request besides its code. */
export interface TokenRequestErrorDetails {
  /** The HTTP status of the last answer, when there was one. */
  readonly status?: number | undefined;
  /** The `error` code of the answer. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  readonly oauthError?: string | undefined;
  /** How long to wait before asking again is worth it, in milliseconds, when that is known. */
  readonly retryAfterMs?: number | undefined;
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
  /** The HTTP status of the last answer, when there was one. */
  declare readonly status?: number;
  /** The `error` code of the answer. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
  declare readonly oauthError?: string;
  /** How long to wait before asking again is worth it, in milliseconds, when that is known. */
  declare readonly retryAfterMs?: number;

  constructor(code: TokenRequestErrorCode, message: string, details: TokenRequestErrorDetails = {}) {
    super(message, details);
    this.code = code;
    this.retryable = retryableCodes.has(code);
  }
}
