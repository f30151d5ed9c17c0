/** A parsed Content-Type (RFC 9110 section 8.3.1). */
export interface MediaType {
  /** Type and subtype in lower case. */
  readonly essence: string;
  /** Parameters by their name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const ESSENCE = new RegExp(`^(${TOKEN}/${TOKEN})[ \\t]*(?=;|$)`);
const PARAMETER = new RegExp(`;[ \\t]*(?:(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")[ \\t]*)?`, 'y');

/** Parses a Content-Type; `undefined` when it is absent or malformed. */
export function parseMediaType(header: string | null): MediaType | undefined {
  const [whole, essence] = header?.match(ESSENCE) ?? [];
  if (header === null || whole === undefined || essence === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (PARAMETER.lastIndex = whole.length; PARAMETER.lastIndex < header.length; ) {
    const match = PARAMETER.exec(header);
    if (match === null) return undefined;
    const [, name, token, quoted] = match;
    if (name !== undefined) parameters.set(name.toLowerCase(), token ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? '');
  }
  return { essence: essence.toLowerCase(), parameters };
}
