import { createTokenRequestError } from '../error/create-token-request-error.ts';
import type { TokenRequestErrorCode, TokenRequestErrorDetails } from '../error/token-request-error.ts';
import type { Redact } from '../secret/redactor.ts';
import type { TokenRequestResult } from './token-request-result.ts';

/** The details of a failure besides code and message. */
export interface FailureDetails extends TokenRequestErrorDetails {
  /** Whether the server may have seen the request. @default true */
  readonly requestSent?: boolean;
  /** What to do, when the cause is known better than by its code. */
  readonly remedy?: string | undefined;
}

/** Creates the result of a token request that failed. `what` completes the sentence "The token endpoint …". */
export type FailureFactory = (
  code: TokenRequestErrorCode,
  what: string,
  details?: FailureDetails,
) => TokenRequestResult;

/** The client that requested a token, and where. */
export interface FailureSubject {
  /** Shown in messages: a client id is no secret. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.2 */
  readonly clientId: string;
  /** Realm and environment. */
  readonly subject: string;
  /** Only its origin is shown: the path contains the realm, which the subject has. */
  readonly tokenUrl: string;
}

/** Creates the factory for one subject. The subject is redacted, too: some users use the same string for everything. */
export function createFailureFactory({ clientId, subject, tokenUrl }: FailureSubject, redact: Redact): FailureFactory {
  const redacted = redact(`client ${JSON.stringify(clientId)} of ${subject}`);
  const endpoint = `the token endpoint at ${redact(new URL(tokenUrl).origin)}`;
  return (code, what, { requestSent = true, remedy, ...details } = {}) => {
    const error = createTokenRequestError(redacted, code, `${endpoint} ${what}`, details, remedy);
    return code === 'credentials_rejected' ? { kind: 'unauthorized', error } : { kind: 'failed', error, requestSent };
  };
}
