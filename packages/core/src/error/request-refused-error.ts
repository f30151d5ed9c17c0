import { InstellixError } from './instellix-error.ts';

/** Why an API request was not made or not granted; `docs/errors.md` has a row for each. */
export type RequestRefusedErrorCode = 'token_rejected' | 'insufficient_scope' | 'origin_not_allowed' | 'client_closed';

/** An API request that was refused: by the API, or by the client before anything was sent. */
export class RequestRefusedError extends InstellixError {
  override get name(): 'RequestRefusedError' {
    return 'RequestRefusedError';
  }

  readonly code: RequestRefusedErrorCode;
  readonly retryable: boolean;
  /** The access rights that the API asked for, separated by spaces. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
  declare readonly requiredScope?: string;

  constructor(
    code: RequestRefusedErrorCode,
    message: string,
    details: { readonly requiredScope?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, details);
    this.code = code;
    // A later token may be accepted; a missing right, a foreign origin and a closed client stay what they are.
    this.retryable = code === 'token_rejected';
  }
}
