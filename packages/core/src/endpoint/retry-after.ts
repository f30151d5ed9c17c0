/** Whoever sends more may be mistaken, and a client that believed it would be out of order for as long. */
const longestMs = 300_000;

/** IMF-fixdate and the two obsolete forms, RFC 850 and asctime. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
const httpDate =
  /^(?:\w{3}, \d\d \w{3} \d{4}|\w{6,9}, \d\d-\w{3}-\d\d|\w{3} \w{3} [ \d]\d) \d\d:\d\d:\d\d (?:GMT|\d{4})$/;

/**
 * Reads a `Retry-After` header, seconds or a date, as milliseconds from `now` (epoch milliseconds): 0 for what has passed,
 * at most five minutes, undefined for anything else than the RFC allows.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value)
    ? Number(value) * 1000
    : httpDate.test(value)
      ? // Only asctime ends without a time zone; without one, it would be read as local time.
        Date.parse(value.replace(/\d{4}$/, '$& GMT')) - now
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), longestMs);
}
