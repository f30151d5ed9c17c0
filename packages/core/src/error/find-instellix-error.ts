import { type AnyInstellixError, isInstellixError } from './is-instellix-error.ts';

/** More than any wrapper adds. Ends the search when causes form a circle. */
const maxCauses = 8;

/**
 * Returns the error of this package that a caught value is or has among its causes, such as the `cause` of an AxiosError.
 *
 * An error with an HTTP status of its own (`statusCode` of http-errors, `getStatus` of Nest) ends the search: the code that threw it
 * has chosen the response.
 */
export function findInstellixError(error: unknown): AnyInstellixError | undefined {
  return findCause(error, isInstellixError);
}

/** Returns the first of an error and its causes that `isWanted` accepts, by the rules of {@link findInstellixError}. */
export function findCause<T>(error: unknown, isWanted: (error: unknown) => error is T): T | undefined {
  let current = error;
  try {
    for (let level = 0; level < maxCauses && typeof current === 'object' && current !== null; level++) {
      if (isWanted(current)) return current;
      if ('statusCode' in current || 'getStatus' in current) return undefined;
      current = 'cause' in current ? current.cause : undefined;
    }
  } catch {
    // A getter of a foreign error threw. Its exception would replace the error that is being handled.
  }
  return undefined;
}
