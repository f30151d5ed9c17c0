/** Returns whether a body can be read only once: a stream of Node or of the web, or an async iterable, which Node sends like a stream. */
export function isStream(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return 'pipe' in body || 'getReader' in body || Symbol.asyncIterator in body;
}

/**
 * Ends a stream that is not needed any more, so that it releases its connection or its file. What is no stream is left alone.
 *
 * The end is not awaited: when a cache or a logger keeps a clone of the response, cancelling one of the two bodies stays pending until
 * the other one is read.
 */
export function discardStream(body: unknown): void {
  if (!isStream(body)) return;
  const { destroy, cancel } = body as { destroy?: () => void; cancel?: () => Promise<void> };
  // Rejects or throws when the body has broken off already, or is locked.
  try {
    if (typeof destroy === 'function') destroy.call(body);
    else cancel?.call(body).catch(() => {});
  } catch {}
}
