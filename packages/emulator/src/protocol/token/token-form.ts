import { type BodyProblem, decodeBody, type MediaType, parseMediaType } from '../../http/body.ts';
import type { ReceivedRequest } from '../endpoint.ts';

/** The parameters of a token request, or the problem with them. */
export type TokenForm = { readonly parameters: ReadonlyMap<string, string> } | BodyProblem;

/**
 * Reads the form of a token request: multipart, as the vendor documents (F4), or urlencoded, as RFC 6749 requires.
 *
 * @see RFC 6749 section 3.2
 */
export function readTokenForm({ body, headers }: ReceivedRequest, acceptsMultipart: boolean): TokenForm {
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    return { problem: 'the body must not be compressed', status: 415 };
  }
  const decoded = decodeBody(body);
  if ('problem' in decoded) return decoded;
  const fields = readFields(parseMediaType(headers.get('content-type')), decoded.content, acceptsMultipart);
  if (typeof fields === 'string') return { problem: fields, status: 400 };
  const parameters = new Map<string, string>();
  for (const [name, value] of fields) {
    if (parameters.has(name)) return { problem: 'a parameter is given more than once', status: 400 };
    parameters.set(name, value);
  }
  // A parameter without a value counts as left out (RFC 6749 section 3.2).
  for (const [name, value] of parameters) if (value === '') parameters.delete(name);
  return { parameters };
}

function readFields(
  mediaType: MediaType | undefined,
  form: string,
  acceptsMultipart: boolean,
): Iterable<[string, string]> | string {
  if (mediaType?.essence === 'application/x-www-form-urlencoded') return new URLSearchParams(form);
  if (!acceptsMultipart) return 'the body must be application/x-www-form-urlencoded';
  if (mediaType?.essence !== 'multipart/form-data') {
    return 'the body must be multipart/form-data or application/x-www-form-urlencoded';
  }
  const boundary = mediaType.parameters.get('boundary');
  if (!boundary) return 'the multipart form has no boundary';
  return parseMultipart(form, boundary) ?? 'the multipart form is malformed';
}

const NAME = /^content-disposition:[ \t]*form-data[ \t]*;(?:.*;)?[ \t]*name=(?:"([^"]*)"|([^\s;"]+))/im;
const FILE = /^content-disposition:.*;[ \t]*filename\*?=/im;

/**
 * Parses the fields of a multipart form; `undefined` when it is malformed or uploads a file.
 *
 * @see RFC 7578 and RFC 2046 section 5.1
 */
export function parseMultipart(form: string, boundary: string): [name: string, value: string][] | undefined {
  // Every delimiter includes the line break before it. The first one may lack it.
  const [, ...parts] = `\r\n${form}`.split(`\r\n--${boundary}`);
  const end = parts.findIndex((part) => part.startsWith('--'));
  if (end < 0) return undefined;
  const fields: [string, string][] = [];
  for (const part of parts.slice(0, end)) {
    const field = parsePart(part);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

function parsePart(part: string): [name: string, value: string] | undefined {
  const headersEnd = part.indexOf('\r\n\r\n');
  if (headersEnd < 0 || !/^[ \t]*\r\n/.test(part)) return undefined;
  const headers = part.slice(0, headersEnd);
  const match = headers.match(NAME);
  const name = match?.[1] ?? match?.[2];
  if (name === undefined || FILE.test(headers)) return undefined;
  return [name, part.slice(headersEnd + 4)];
}
