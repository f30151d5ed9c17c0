/** A token as the endpoint issued it. */
export interface IssuedToken {
  readonly value: string;
  readonly lifetimeMs: number;
  /** Whether the response left the lifetime out. */
  readonly lifetimeAssumed: boolean;
}

/** The characters of a bearer token. @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const b64token = /^[\w.~+/-]+=*$/;
/** A token must fit into a header, and most servers accept no more than this in all headers together. */
const maxTokenLength = 8_192;
const maxLifetimeSeconds = 86_400;
const assumedLifetimeSeconds = 300;

/**
 * Reads a successful response of the token endpoint. When it is invalid, returns the reason as a string, without a byte of the response.
 *
 * Unknown fields are ignored. Of a duplicate field, the last one counts, as in `JSON.parse`. `expires_in: null` counts as left out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function parseTokenResponse(bytes: Uint8Array): IssuedToken | string {
  const response = parseJsonObject(bytes);
  if (!response) return 'it is not a JSON object';
  const { access_token: value, token_type: type, expires_in: expiresIn } = response;
  if (typeof value !== 'string' || value.length > maxTokenLength || !b64token.test(value)) {
    return 'its access_token is not a bearer token';
  }
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return 'its token_type is not bearer';
  const lifetimeAssumed = expiresIn == null;
  const seconds = lifetimeAssumed ? assumedLifetimeSeconds : readSeconds(expiresIn);
  if (!(seconds > 0 && Number.isFinite(seconds))) return 'its expires_in is not a number of seconds above 0';
  // Rounded up, so that a lifetime above 0 stays above 0.
  return { value, lifetimeMs: Math.ceil(Math.min(seconds, maxLifetimeSeconds) * 1000), lifetimeAssumed };
}

/**
 * Parses UTF-8 JSON whose top level is an object; undefined for anything else.
 *
 * A byte order mark is ignored, as RFC 8259 allows: some servers write one.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-8.1
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    // Without a prototype: a field that is missing must not be found on Object.prototype.
    return Object.assign(Object.create(null), value);
  } catch {
    // The error would quote the body, which may hold a token.
    return undefined;
  }
}

function readSeconds(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}
