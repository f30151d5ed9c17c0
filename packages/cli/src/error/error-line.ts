import { findInstellixError, isApiUnreachable } from '@instellix/core';
import { findErrorCode } from './find-error-code.ts';

/** Describes an error in one line. */
export function toErrorLine(error: unknown): string {
  return describe(error)
    .replace(/^error: /, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function describe(error: unknown): string {
  const known = findInstellixError(error);
  if (known) {
    const isCall = known.name === 'RequestRefusedError';
    return isCall ? known.message : `${known.message} To find the cause, run: instellix doctor`;
  }
  if (isApiUnreachable(error)) {
    const code = findErrorCode(error);
    return `The API cannot be reached${code && ` (${code})`}. To find the cause, run: instellix doctor`;
  }
  return error instanceof Error ? error.message : String(error);
}
