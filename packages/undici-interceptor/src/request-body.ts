type Chunk = string | Uint8Array;
type Iterables = AsyncIterable<Chunk> | Iterable<Chunk>;

/** An iterable body that keeps what it yields, so that it can be sent again. */
class RecordedBody {
  readonly #source: Iterables;
  readonly #maxBytes: number;
  #chunks: Chunk[] = [];
  #bytes = 0;
  isComplete = false;

  constructor(source: Iterables, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Chunk> {
    if (this.isComplete) return yield* this.#chunks;
    for await (const chunk of this.#source) {
      this.#bytes += Buffer.byteLength(chunk);
      if (this.#bytes <= this.#maxBytes) this.#chunks.push(chunk);
      else this.#chunks = [];
      yield chunk;
    }
    this.isComplete = this.#bytes <= this.#maxBytes;
  }
}

/** Makes an iterable body resendable. Strings, buffers, `Blob` and `FormData` are. Streams stay what they are. */
export function recordBody(body: unknown, maxBytes: number): unknown {
  if (typeof body !== 'object' || body === null || isStream(body)) return body;
  const isReusable = ArrayBuffer.isView(body) || 'append' in body;
  const isIterable = Symbol.asyncIterator in body || Symbol.iterator in body;
  return isIterable && !isReusable ? new RecordedBody(body as Iterables, maxBytes) : body;
}

/** Returns whether a body of {@link recordBody} can be sent again now. */
export function isResendable(body: unknown): boolean {
  return body instanceof RecordedBody ? body.isComplete : !isStream(body);
}

/** Not for other async iterables, which are recorded. */
const isStream = (body: unknown) => 'pipe' in Object(body) || 'getReader' in Object(body);
