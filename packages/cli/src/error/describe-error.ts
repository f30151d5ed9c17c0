import { findInstellixError, isApiUnreachable } from '@instellix/core';
import { findErrorCode, findReason } from './find-reason.ts';

/** Describes an error in a sentence or two, for all commands alike. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const known = findInstellixError(error);
  if (known) return known.message;
  return isApiUnreachable(error) ? `No response of the API: ${findReason(error)}.` : error.message;
}

/** Whether the doctor may find out more than an error says: it checks the connection and the token request. */
export function isForDoctor(error: unknown): boolean {
  const known = findInstellixError(error);
  return known ? known.name === 'TokenRequestError' : isApiUnreachable(error) && findErrorCode(error) !== '';
}
