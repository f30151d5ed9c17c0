/** Deeper than wrappers go, and an end to causes that go round in circles. */
const mostCauses = 8;

/**
 * Looks among an error and its causes for the one that a service has to answer for; for error handlers and exception filters.
 *
 * An error with a status of its own (`statusCode`, as http-errors makes them, or `getStatus`, as Nest does) ends the search:
 * whoever has chosen it knows what to say.
 */
export function findFailure<T>(thrown: unknown, isFailure: (error: unknown) => error is T): T | undefined {
  let error = thrown;
  for (let level = 0; level < mostCauses && typeof error === 'object' && error !== null; level++) {
    if (isFailure(error)) return error;
    if ('statusCode' in error || 'getStatus' in error) return undefined;
    error = 'cause' in error ? error.cause : undefined;
  }
  return undefined;
}
