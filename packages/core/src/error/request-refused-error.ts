import { InstellixError } from './instellix-error.ts';

/** Why a request was refused, by the API or by the client. `docs/errors.md` explains each code. */
export type RequestRefusedErrorCode = 'token_rejected' | 'insufficient_scope' | 'origin_not_allowed' | 'client_closed';

/** A request that was not sent, or that the API refused although there was a token. */
export class RequestRefusedError extends InstellixError {
  override get name(): 'RequestRefusedError' {
    return 'RequestRefusedError';
  }

  readonly code: RequestRefusedErrorCode;
  readonly retryable: boolean;
  /** The access rights that the API requires, separated by spaces. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
  declare readonly requiredScope?: string;

  constructor(
    code: RequestRefusedErrorCode,
    message: string,
    details: { readonly requiredScope?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause);
    this.code = code;
    // A later token may be accepted. A missing right, a foreign origin and a closed client stay what they are.
    this.retryable = code === 'token_rejected';
    if (details.requiredScope !== undefined) this.requiredScope = details.requiredScope;
  }
}
