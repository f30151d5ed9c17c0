/** A longer time may be a mistake of the server, and the client would fail for all that time. */
const maxRetryAfterMs = 300_000;

/**
 * Reads a `Retry-After` header as milliseconds from `now` (epoch milliseconds): 0 for a date in the past, at most five minutes.
 *
 * Undefined for everything but whole seconds and dates in the format IMF-fixdate.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string, now: number): number | undefined {
  const date = new Date(value);
  const isDate = date.getTime() >= 0 && date.toUTCString() === value;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : isDate ? date.getTime() - now : undefined;
  return ms && Math.min(Math.max(ms, 0), maxRetryAfterMs);
}
