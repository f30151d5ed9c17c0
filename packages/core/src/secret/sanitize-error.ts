import type { Redact } from './redactor.ts';

const maxDepth = 6;
const maxLength = 4_000;
/** Of an AggregateError. */
const maxErrors = 8;
/** Longer strings are cut before they are searched for secrets. */
const maxInputLength = 65_536;

/** The copy of an error of other code, without unknown properties and secrets. */
export interface SanitizedError extends Error {
  readonly code?: string;
  readonly errors?: readonly (SanitizedError | undefined)[];
  readonly cause?: SanitizedError;
}

/**
 * Copies the parts of an error of other code that help to understand it: name, message, code, stack and causes.
 *
 * The original may hold the request with its headers, or the bytes of a response. The copy has neither, and its strings are redacted.
 */
export function sanitizeError(thrown: unknown, redact: Redact, depth = maxDepth): SanitizedError | undefined {
  if (thrown == null || depth <= 0) return undefined;
  try {
    return copyError(typeof thrown === 'string' ? { message: thrown } : thrown, redact, depth);
  } catch {
    // Its getters throw.
    return undefined;
  }
}

/**
 * Returns the reason of a failure in a few words: its code, such as `ECONNREFUSED` or the first word of a Redis error, or else its
 * message on one line.
 */
export function describeReason(error: SanitizedError | undefined): string {
  if (!error) return 'unknown';
  const { code, message, name } = error;
  if (code && errorCode.test(code)) return code;
  const [firstWord = ''] = message.split(' ', 1);
  if (errorCode.test(firstWord)) return firstWord;
  return (
    message
      .slice(0, 500)
      .replace(/[\p{Z}\p{C}]+/gu, ' ')
      .trim()
      .slice(0, 200) || name
  );
}

const errorCode = /^[A-Z][A-Z\d_]{2,50}$/;

function copyError(thrown: object, redact: Redact, depth: number): SanitizedError {
  const original: { readonly [field in keyof SanitizedError]?: unknown } = thrown;
  const clean = (value: unknown) =>
    typeof value === 'string' ? redact(value.slice(0, maxInputLength)).slice(0, maxLength) : undefined;
  const cause = sanitizeError(original.cause, redact, depth - 1);
  const copy = new Error(clean(original.message), cause && { cause }) as SanitizedError;
  Object.defineProperty(copy, 'name', { value: clean(original.name) ?? 'Error' });
  // The stack of the copy itself would lead to this function.
  copy.stack = clean(original.stack) ?? String(copy);
  const code = clean(original.code);
  const { errors } = original;
  return Object.assign(
    copy,
    code && { code },
    Array.isArray(errors) && {
      errors: errors.slice(0, maxErrors).map((error) => sanitizeError(error, redact, depth - 2)),
    },
  );
}
