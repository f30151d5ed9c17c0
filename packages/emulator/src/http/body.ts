/** The type and subtype in the Content-Type (RFC 9110 section 8.3.1), in lower case; empty without the header. */
export function mediaTypeOf(headers: Headers): string {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The statuses with which a `Response` takes no body. */
export const NO_BODY: readonly number[] = [204, 205, 304];

/** A body that cannot be used, and the status of the response. */
export interface BodyProblem {
  readonly problem: string;
  readonly status: 400 | 413 | 415;
}

/** A body, which must be UTF-8. */
export type ReceivedBody = { readonly content: string } | BodyProblem;

const TOO_LARGE = { problem: 'the body is too large', status: 413 } as const;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads at most `maxBytes` of the body of a request. */
export async function readBody(request: Request, maxBytes: number): Promise<ReceivedBody> {
  if (request.method === 'GET' || request.method === 'HEAD') return { content: '' };
  if (Number(request.headers.get('content-length')) > maxBytes) return TOO_LARGE;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.byteLength;
      if (size > maxBytes) return TOO_LARGE;
      chunks.push(chunk);
    }
  } catch {
    return { problem: 'the body is incomplete: the connection ended too early', status: 400 };
  }
  try {
    return { content: utf8.decode(Buffer.concat(chunks)) };
  } catch {
    return { problem: 'the body is not UTF-8', status: 400 };
  }
}

/** Parses a JSON body. Only `application/json` is accepted, which no HTML form can send. */
export function parseJsonBody(headers: Headers, body: ReceivedBody): { readonly json: unknown } | BodyProblem {
  if (mediaTypeOf(headers) !== 'application/json') {
    return { problem: 'the Content-Type must be application/json', status: 415 };
  }
  if ('problem' in body) return body;
  try {
    return { json: JSON.parse(body.content) };
  } catch {
    // The message does not quote the body, which may contain secrets.
    return { problem: 'the body is not valid JSON', status: 400 };
  }
}
