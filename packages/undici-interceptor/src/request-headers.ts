/** The headers of a request by their names in lower case; those that are given several times have all their values. */
export type RequestHeaders = Record<string, string | string[] | null | undefined>;

/**
 * Reads headers of every form that undici accepts: an object, a flat array of names and values, or an iterable of pairs.
 *
 * @throws TypeError for any other form
 */
export function readHeaders(given: unknown): RequestHeaders {
  const headers = new Map<string, unknown>();
  for (const entry of readEntries(given)) {
    if (!Array.isArray(entry) || entry.length !== 2)
      throw new TypeError('The headers of a request must be an object, an iterable of pairs, or a flat array.');
    // undici accepts names that are buffers, and ignores undefined values. An Authorization that is null counts as not set, too.
    const [name, value] = [String(entry[0]).toLowerCase(), entry[1]];
    if (value === undefined || (value === null && name === 'authorization')) continue;
    headers.set(name, headers.has(name) ? [headers.get(name), value].flat() : value);
  }
  return Object.fromEntries(headers) as RequestHeaders;
}

function readEntries(given: unknown): Iterable<unknown> {
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object') return [given];
  if (Array.isArray(given) && !Array.isArray(given[0])) {
    return Array.from({ length: Math.ceil(given.length / 2) }, (_, index) => given.slice(2 * index, 2 * index + 2));
  }
  return Symbol.iterator in given ? (given as Iterable<unknown>) : Object.entries(given);
}
