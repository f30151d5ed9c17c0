/** Returns whether a body can be read only once: a stream of Node or of the web, or an async iterable, which Node sends like a stream. */
export function isStream(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || Symbol.asyncIterator in body;
}
