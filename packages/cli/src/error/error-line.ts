import { findInstellixError, isApiUnreachable } from '@instellix/core';
import { findErrorCode } from './find-error-code.ts';

/** undici's codes for a header such as `Expect`. */
const refusedByFetch = /^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED)$/;

/** Describes an error in a sentence. */
export function toErrorLine(error: unknown): string {
  return describe(error).replace(/^error: /, '');
}

function describe(error: unknown): string {
  const known = findInstellixError(error);
  if (known) {
    const isCall = known.name === 'RequestRefusedError';
    return isCall ? known.message : `${known.message} To find the cause, run instellix doctor with the same options.`;
  }
  if (isApiUnreachable(error)) {
    const code = findErrorCode(error);
    if (refusedByFetch.test(code))
      return `The request cannot be sent (${code}): fetch does not send one of its headers.`;
    return `The API cannot be reached${code && ` (${code})`}. To find the cause, run instellix doctor with the same options.`;
  }
  return error instanceof Error ? error.message : String(error);
}
