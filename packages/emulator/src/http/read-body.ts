/** The parts of a request that a decision needs, read before deciding, so that deciding never waits. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The segment before `/oauth2/token`, decoded. */
  readonly realm: string | undefined;
  readonly body: ReceivedBody;
}

/** The bytes of a body, or why there are none. */
export type ReceivedBody = Uint8Array | 'too_large' | 'broken_off';

const NOTHING = new Uint8Array();

/** Reads at most `maxBytes` of a request's body; `isFramed`: an HTTP parser has held it to its own framing. */
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
