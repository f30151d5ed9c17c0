import {
  TokenRequestError,
  type TokenRequestErrorCode,
  type TokenRequestErrorDetails,
} from '../error/token-request-error.ts';
import type { Redact } from '../secret/redactor.ts';

/** Makes the errors of one token request; `what` ends "the token endpoint …", `remedy` is a sentence. */
export type Fail = (
  code: TokenRequestErrorCode,
  what: string,
  remedy: string,
  details?: TokenRequestErrorDetails,
) => TokenRequestError;

/** Who asked for a token, and where. */
export interface FailureSubject {
  /** Shown, because it is no secret. @see https://www.rfc-editor.org/rfc/rfc6749#section-2.2 */
  readonly clientId: string;
  readonly realm: string;
  readonly environmentName: string;
}

/** Creates the errors' maker for one subject. The subject is redacted, too: some use one word for everything. */
export function createFail({ clientId, realm, environmentName }: FailureSubject, redact: Redact): Fail {
  const subject = redact(
    `${JSON.stringify(clientId)} of realm ${JSON.stringify(realm)} in environment ${environmentName}`,
  );
  return (code, what, remedy, details) =>
    new TokenRequestError(code, `No token for client ${subject}: the token endpoint ${what}. ${remedy}`, details);
}
