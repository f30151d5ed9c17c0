/** A request whose body was read completely, so that an endpoint can decide synchronously. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The realm in the path, decoded. */
  readonly realm: string | undefined;
  readonly body: ReceivedBody;
}

/** The bytes of a body, or the reason why it could not be read. */
export type ReceivedBody = Uint8Array | 'too_large' | 'broken_off';

const NOTHING = new Uint8Array();

/** Reads at most `maxBytes` of the body of a request. `isFramed`: an HTTP parser has checked its framing. */
export async function readBody(request: Request, maxBytes: number, isFramed: boolean): Promise<ReceivedBody> {
  if (request.method === 'GET' || request.method === 'HEAD') return NOTHING;
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) return 'too_large';
  if (isFramed && length === null && !request.headers.has('transfer-encoding')) return NOTHING;
  try {
    if (isFramed && length !== null) return new Uint8Array(await request.arrayBuffer());
    return await readStream(request.body, maxBytes);
  } catch {
    return 'broken_off';
  }
}

async function readStream(stream: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<ReceivedBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return 'too_large';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
