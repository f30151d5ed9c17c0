/** A token as the endpoint granted it. */
export interface GrantedToken {
  readonly value: string;
  readonly lifetimeMs: number;
  /** Whether the answer left the lifetime out. */
  readonly lifetimeAssumed: boolean;
}

/** What RFC 6750 lets stand behind `Bearer `. @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const b64token = /^[\w.~+/-]+=*$/;
/** A header must carry it, and servers accept hardly more than this in all headers together. */
const longestToken = 8_192;
const longestLifetimeSeconds = 86_400;
const assumedLifetimeSeconds = 300;

/**
 * Reads a successful answer of the token endpoint; a string says what is wrong with it, without a byte of it.
 *
 * Fields that nobody asked for are ignored. Of a field that is there twice the last one counts, as in `JSON.parse`: no
 * second reader exists that could read it differently. `expires_in: null` counts as left out.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function parseTokenAnswer(bytes: Uint8Array): GrantedToken | string {
  const answer = parseJsonObject(bytes);
  if (!answer) return 'it is not a JSON object';
  const { access_token: value, token_type: type, expires_in: expiresIn } = answer;
  if (typeof value !== 'string' || value.length > longestToken || !b64token.test(value)) {
    return 'its access_token is not a bearer token';
  }
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return 'its token_type is not bearer';
  const lifetimeAssumed = expiresIn === undefined || expiresIn === null;
  const seconds = lifetimeAssumed ? assumedLifetimeSeconds : readSeconds(expiresIn);
  if (!(seconds > 0 && Number.isFinite(seconds))) return 'its expires_in is not a number of seconds above 0';
  // Rounded up, so that what is above 0 stays above 0.
  return { value, lifetimeMs: Math.ceil(Math.min(seconds, longestLifetimeSeconds) * 1000), lifetimeAssumed };
}

/**
 * Parses UTF-8 JSON whose top level is an object; undefined for anything else.
 *
 * A byte order mark is ignored, as RFC 8259 allows: some servers write one, and a token behind it is as good as any.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-8.1
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // The error would quote the text, and with it perhaps a token.
    return undefined;
  }
}

function readSeconds(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
}
