import type { Redact } from '../secret/redactor.ts';
import { parseJsonObject } from './parse-token-answer.ts';

/** What the token endpoint says about its refusal, fit to be shown. */
export interface ErrorAnswer {
  /** The `error` code, when it is one. */
  readonly oauthError?: string;
  /** Code and description for a message; empty when the server says nothing that could be shown. */
  readonly says: string;
}

/** Without space, quote and backslash, which RFC 6749 forbids or no code has. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const errorCode = /^[!#-[\]-~]{1,80}$/;
const descriptionStart = /^.{0,200}/u;

/** Reads an error answer; of a body that is not JSON, nothing is shown. */
export function parseErrorAnswer(bytes: Uint8Array | undefined, redact: Redact): ErrorAnswer {
  const { error, error_description: description } = (bytes && parseJsonObject(bytes)) ?? {};
  const known = typeof error === 'string' && errorCode.test(error) && redact(error) === error ? error : undefined;
  const said = [known, typeof description === 'string' && clean(description, redact)].filter(Boolean).join(': ');
  return { ...(known !== undefined && { oauthError: known }), says: said && ` (it says: ${said})` };
}

/** One line without control characters or invisible ones, cut to a readable length. */
function clean(text: string, redact: Redact): string {
  const line = redact(text)
    .replace(/[\p{Z}\p{C}]+/gu, ' ')
    .trim();
  // Once more, because a secret may only now be in one piece, and before the cut, which would leave a part of it.
  return descriptionStart.exec(redact(line))?.[0] ?? '';
}
