/** Whoever sends more may be mistaken, and a client that believed it would be out of order for as long. */
const longestMs = 300_000;

/**
 * Reads a `Retry-After` header as milliseconds from `now` (epoch milliseconds): 0 for what has passed, at most five minutes.
 *
 * Undefined for everything but whole seconds and the date format that is still sent, which is checked to the letter.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const date = new Date(value);
  const isDate = date.getTime() >= 0 && date.toUTCString() === value;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : isDate ? date.getTime() - now : undefined;
  return ms && Math.min(Math.max(ms, 0), longestMs);
}
