import { tokenFailure } from '../error/token-failure.ts';
import type { TokenRequestErrorCode, TokenRequestErrorDetails } from '../error/token-request-error.ts';
import type { Redact } from '../secret/redactor.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Makes the answer of a token request that failed; `what` ends the sentence "The token endpoint …". */
export type Fail = (
  code: TokenRequestErrorCode,
  what: string,
  details?: TokenRequestErrorDetails,
  /** Whether the server may have seen the request. */
  requestSent?: boolean,
) => TokenAnswer;

/** Who asked for a token, and where. */
export interface FailureSubject {
  /** Shown, because it is no secret. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.2 */
  readonly clientId: string;
  /** Realm and environment. */
  readonly subject: string;
}

/** Creates the maker of failed answers for one subject, which is redacted, too: some use one word for everything. */
export function createFail({ clientId, subject }: FailureSubject, redact: Redact): Fail {
  const who = redact(`client ${JSON.stringify(clientId)} of ${subject}`);
  return (code, what, details, requestSent = true) => {
    const error = tokenFailure(who, code, `the token endpoint ${what}`, details);
    if (error.retryable) return { kind: 'transient', error, requestSent };
    return { kind: code === 'credentials_rejected' ? 'unauthorized' : 'final', error };
  };
}
