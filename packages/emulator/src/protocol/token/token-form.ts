import { type MediaType, parseMediaType } from '../../http/media-type.ts';
import type { ReceivedRequest } from '../../http/received-request.ts';
import { parseMultipart } from './parse-multipart.ts';

/** The parameters of a token request, or what is wrong with them. */
export type TokenForm =
  | { readonly parameters: ReadonlyMap<string, string> }
  | { readonly problem: string; readonly status: number };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the form in a token request: multipart, as the vendor documents it (F4), or urlencoded, as RFC 6749 asks.
 *
 * @see RFC 6749 section 3.2
 */
export function readTokenForm({ body, headers }: ReceivedRequest, takesMultipart: boolean): TokenForm {
  if (body === 'too_large') return { problem: 'the body is too large', status: 413 };
  if (body === 'broken_off') return { problem: 'the body ended too early', status: 400 };
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    return { problem: 'the body must not be compressed', status: 415 };
  }
  const mediaType = parseMediaType(headers.get('content-type'));
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    return { problem: 'the body is not UTF-8', status: 400 };
  }
  const fields = readFields(mediaType, text, takesMultipart);
  if (typeof fields === 'string') return { problem: fields, status: 400 };
  return toParameters(fields);
}

function readFields(
  mediaType: MediaType | undefined,
  text: string,
  takesMultipart: boolean,
): Iterable<[string, string]> | string {
  if (mediaType?.essence === 'application/x-www-form-urlencoded') return new URLSearchParams(text);
  if (!takesMultipart) return 'the body must be application/x-www-form-urlencoded';
  if (mediaType?.essence !== 'multipart/form-data') {
    return 'the body must be multipart/form-data or application/x-www-form-urlencoded';
  }
  const boundary = mediaType.parameters.get('boundary');
  if (!boundary) return 'the multipart form has no boundary';
  return parseMultipart(text, boundary) ?? 'the multipart form is malformed';
}

/** A parameter given twice is an error and one without a value counts as left out (RFC 6749 section 3.2). */
function toParameters(fields: Iterable<[string, string]>): TokenForm {
  const parameters = new Map<string, string>();
  for (const [name, value] of fields) {
    if (parameters.has(name)) return { problem: 'a parameter is given more than once', status: 400 };
    parameters.set(name, value);
  }
  for (const [name, value] of parameters) if (value === '') parameters.delete(name);
  return { parameters };
}
