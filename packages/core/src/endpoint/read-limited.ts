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
  const onAbort = () => cancelReader(reader);
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
    cancelReader(reader);
  }
}

/** Never awaited: when a cache or a logger keeps a clone of the response, it stays pending until the other body is read. */
export function cancelReader(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): void {
  // Rejects when the body has broken off already. That of a custom `fetch` may not exist.
  try {
    reader?.cancel().catch(() => {});
  } catch {}
}
