import type { Redact } from './redactor.ts';

const deepestCause = 6;
const longestText = 4_000;

/** What is left of a foreign error. */
export interface SafeCause extends Error {
  readonly code?: string;
  readonly errors?: readonly (SafeCause | undefined)[];
  readonly cause?: SafeCause;
}

/**
 * Copies what helps to understand a foreign error: name, message, code, stack, and the errors behind it.
 *
 * The original may hold the request with its headers, or the bytes of an answer; the copy cannot, and its texts are redacted.
 */
export function safeCause(thrown: unknown, redact: Redact, depth = deepestCause): SafeCause | undefined {
  if (thrown === undefined || thrown === null || depth === 0) return undefined;
  try {
    return copyError(typeof thrown === 'string' ? { message: thrown } : thrown, redact, depth);
  } catch {
    // It cannot even be read, so it says nothing about the request.
    return undefined;
  }
}

function copyError(thrown: object, redact: Redact, depth: number): SafeCause {
  const original: { readonly [field in keyof SafeCause]?: unknown } = thrown;
  const text = (value: unknown) => (typeof value === 'string' ? redact(value).slice(0, longestText) : undefined);
  const cause = safeCause(original.cause, redact, depth - 1);
  const copy = new Error(text(original.message), cause && { cause }) as SafeCause;
  Object.defineProperty(copy, 'name', { value: text(original.name) ?? 'Error' });
  // Its own one would tell of this function.
  copy.stack = text(original.stack) ?? String(copy);
  const code = text(original.code);
  const { errors } = original;
  return Object.assign(
    copy,
    code && { code },
    Array.isArray(errors) && { errors: errors.map((error) => safeCause(error, redact, depth - 1)) },
  );
}
