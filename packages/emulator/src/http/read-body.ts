import type { ReceivedBody } from './received-request.ts';

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
