const NAME = /^content-disposition:[ \t]*form-data[ \t]*;(?:.*;)?[ \t]*name=(?:"([^"]*)"|([^\s;"]+))/im;
const FILE = /^content-disposition:.*;[ \t]*filename\*?=/im;

/**
 * Parses the fields of a multipart form; `undefined` when it is malformed or uploads a file.
 *
 * @see RFC 7578 and RFC 2046 section 5.1
 */
export function parseMultipart(text: string, boundary: string): [name: string, value: string][] | undefined {
  // Every delimiter begins with the line break before it, the first one too once the text has one in front.
  const [, ...parts] = `\r\n${text}`.split(`\r\n--${boundary}`);
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
