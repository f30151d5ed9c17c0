import { type BodyProblem, mediaTypeOf } from '../../http/body.ts';
import type { ReceivedRequest } from '../endpoint.ts';

/** The parameters of a token request, or the problem with them. */
type TokenForm = { readonly parameters: ReadonlyMap<string, string> } | BodyProblem;

/**
 * Reads the form of a token request: multipart, as the vendor documents (F4), or urlencoded, as RFC 6749 requires.
 *
 * @see RFC 6749 section 3.2
 */
export function readTokenForm(
  { headers, body }: Pick<ReceivedRequest, 'headers' | 'body'>,
  acceptsMultipart: boolean,
): TokenForm {
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    return { problem: 'the body must not be compressed', status: 415 };
  }
  if ('problem' in body) return body;
  const fields = readFields(headers, body.content, acceptsMultipart);
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

const URLENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
/** The boundary in a Content-Type, but not one within another quoted parameter (RFC 9110 section 5.6.6). */
const BOUNDARY = /^(?:[^"]|"(?:[^"\\]|\\.)*")*?;[ \t]*boundary=(?:"((?:[^"\\]|\\.)+)"|([^\s;"]+))/i;

/** The fields of a form, or the problem with it. */
function readFields(headers: Headers, form: string, acceptsMultipart: boolean): Iterable<[string, string]> | string {
  const type = mediaTypeOf(headers);
  // The class would remove a leading `?`.
  if (type === URLENCODED) return new URLSearchParams(`&${form}`);
  if (!acceptsMultipart) return `the body must be ${URLENCODED}`;
  if (type !== MULTIPART) return `the body must be ${MULTIPART} or ${URLENCODED}`;
  const [, quoted, token] = headers.get('content-type')?.match(BOUNDARY) ?? [];
  const boundary = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
  return boundary === undefined ? 'the multipart form has no boundary' : parseMultipart(form, boundary);
}

/** The headers of a part, none of them folded. */
const PART_HEADERS = /^[ \t]*((?:\r\n[^\s:]+:[^\r\n]*)+)\r\n\r\n/;
const PARAMETERS =
  /^content-disposition:[ \t]*form-data((?:[ \t]*;[ \t]*[^\s;="]+=(?:"[^"\r\n]*"|[^\s;"]+))+)[ \t;]*$/im;
const PARAMETER = /;[ \t]*([^\s;="]+)=(?:"([^"]*)"|([^\s;"]+))/g;
const MALFORMED = 'the multipart form is malformed';

/**
 * Parses the fields of a multipart form. `Response.formData()` would accept other forms on Node 22 than on Node 24.
 *
 * @see RFC 7578 and RFC 2046 section 5.1
 */
function parseMultipart(form: string, boundary: string): [name: string, value: string][] | string {
  // Every delimiter includes the line break before it. The first one may lack it.
  const [, ...parts] = `\r\n${form}`.split(`\r\n--${boundary}`);
  const end = parts.findIndex((part) => part.startsWith('--'));
  if (end < 0) return MALFORMED;
  const fields: [string, string][] = [];
  for (const part of parts.slice(0, end)) {
    const [whole = '', headers = ''] = part.match(PART_HEADERS) ?? [];
    const [, parameters = ''] = headers.match(PARAMETERS) ?? [];
    const values = new Map<string, string>();
    for (const [, key = '', quoted, token = ''] of parameters.matchAll(PARAMETER)) {
      values.set(key.toLowerCase(), quoted ?? token);
    }
    const name = values.get('name');
    if (name === undefined) return MALFORMED;
    if (values.has('filename') || values.has('filename*')) return 'a parameter must not be a file';
    fields.push([name, part.slice(whole.length)]);
  }
  return fields;
}
