/**
 * Reads a body to its end; undefined when it is longer than `limitBytes`, of which then no more is read.
 *
 * Rejects when the body breaks off, and with `signal.reason` when the signal aborts. However it ends, nothing stays open.
 */
export async function readLimited(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(limitBytes);
  let length = 0;
  const onAbort = () => discard(reader);
  signal.addEventListener('abort', onAbort);
  try {
    while (reader) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      // A stream that is cancelled while it is read ends as if it were complete.
      signal.throwIfAborted();
      if (done) break;
      if (length + value.byteLength > limitBytes) return undefined;
      bytes.set(value, length);
      length += value.byteLength;
    }
    return bytes.subarray(0, length);
  } finally {
    signal.removeEventListener('abort', onAbort);
    void discard(reader);
  }
}

/** Lets go of a body that nobody wants to the end; never rejects. */
export async function discard(body: { cancel(): Promise<void> } | null | undefined): Promise<void> {
  try {
    await body?.cancel();
  } catch {
    // It has broken already, which ends it as well.
  }
}
