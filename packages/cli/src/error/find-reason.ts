import { findErrorCode } from './find-error-code.ts';

/** More than any wrapper adds. Ends the search when causes form a circle. */
const maxCauses = 8;

/** Says why a call failed: the message of the innermost cause, with its code, such as `other side closed (UND_ERR_SOCKET)`. */
export function findReason(error: Error): string {
  const code = findErrorCode(error);
  const message = findInnermost(error).message.replace(/^fetch failed: /, '');
  return message.includes(code) ? message : `${message} (${code})`;
}

function findInnermost(error: Error): Error {
  let innermost = error;
  for (let level = 0; level < maxCauses; level++) {
    const { cause, errors } = innermost as Error & { readonly errors?: readonly unknown[] };
    const next = cause ?? errors?.[0];
    if (!(next instanceof Error)) break;
    innermost = next;
  }
  return innermost;
}
