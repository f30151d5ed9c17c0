/** What node-fetch, a polyfill, gives its responses instead of a `ReadableStream`. */
type NodeStream = AsyncIterable<Uint8Array> & { destroy(): unknown };

/** Returns a reader of a body, whichever kind of stream it is. */
export function openReader(body: ReadableStream<Uint8Array> | NodeStream): ReadableStreamDefaultReader<Uint8Array> {
  if ('getReader' in body) return body.getReader();
  const { from } = ReadableStream as unknown as { from(stream: NodeStream): ReadableStream<Uint8Array> };
  return from.call(ReadableStream, body).getReader();
}

/**
 * Reads a body to its end. Returns undefined as soon as it is longer than `limitBytes`.
 *
 * Rejects when the body breaks off, and with `signal.reason` when the signal aborts. In each case the body is cancelled.
 */
export async function readLimited(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(limitBytes);
  let length = 0;
  let reads = 0;
  const onAbort = () => discardBody(reader);
  signal.addEventListener('abort', onAbort);
  try {
    while (reader) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      // A stream that is cancelled while it is read ends as if it were complete.
      signal.throwIfAborted();
      if (done) break;
      // Also for a body of empty chunks, which never end.
      if (length + value.byteLength > limitBytes || ++reads > limitBytes) return undefined;
      bytes.set(value, length);
      length += value.byteLength;
    }
    return bytes.subarray(0, length);
  } finally {
    signal.removeEventListener('abort', onAbort);
    discardBody(reader);
  }
}

/**
 * Cancels a body that is not needed to its end, so that it releases its connection or its file. What is no stream is left alone.
 *
 * The result must not be awaited: when a cache or a logger keeps a clone of the response, cancelling one of the two bodies stays
 * pending until the other one is read.
 */
export function discardBody(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  // Rejects or throws when the body has broken off already, or is locked.
  try {
    if ('destroy' in body) (body as NodeStream).destroy();
    else if ('cancel' in body) (body as ReadableStream).cancel().catch(() => {});
  } catch {}
}
