import type { Redact } from '../secret/redactor.ts';
import { parseJsonObject } from './parse-token-response.ts';

/** The parts of an error response of the token endpoint that may be shown. */
export interface ErrorResponse {
  /** The `error` code, when it has the form of one. */
  readonly oauthError?: string;
  /** Code and description for a message; empty when the response contains nothing that may be shown. */
  readonly description: string;
}

/** Without space, quote and backslash, which RFC 6749 forbids or no code has. @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const errorCode = /^[!#-[\]-~]{1,80}$/;
const maxDescriptionLength = 200;
/** Enough for a description, however many of them are spaces or secrets. */
const maxInputLength = 4_000;

/** Reads an error response. Of a body that is not JSON, nothing is shown. */
export function parseErrorResponse(bytes: Uint8Array | undefined, redact: Redact): ErrorResponse {
  const { error, error_description: description } = (bytes && parseJsonObject(bytes)) ?? {};
  const known = typeof error === 'string' && errorCode.test(error) && redact(error) === error ? error : undefined;
  const parts = [known, typeof description === 'string' && clean(description, redact)].filter(Boolean);
  return { ...(known !== undefined && { oauthError: known }), description: parts.join(': ') };
}

/** One line without control or invisible characters, cut to a readable length. */
function clean(text: string, redact: Redact): string {
  const line = redact(text)
    .slice(0, maxInputLength)
    .replace(/[\p{Z}\p{C}]+/gu, ' ')
    .trim();
  // Redacted a second time, because removing characters may have joined the parts of a secret; and before the cut, which could leave a
  // part of one.
  return [...redact(line)].slice(0, maxDescriptionLength).join('');
}
