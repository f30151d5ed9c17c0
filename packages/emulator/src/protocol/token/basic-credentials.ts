/** A client id and secret as a Basic header carries them. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the pair in an `Authorization: Basic` header, split at its first colon; `undefined` when there is none.
 *
 * @param isEncoded whether both halves were form-encoded first (RFC 6749 section 2.3.1).
 * @see RFC 7617 section 2
 */
export function parseBasicCredentials(authorization: string | null, isEncoded: boolean): BasicCredentials | undefined {
  const encoded = authorization?.match(BASIC)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  let pair: string;
  try {
    pair = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = pair.indexOf(':');
  if (colon < 0 || /\p{Cc}/u.test(pair)) return undefined;
  const halves = [pair.slice(0, colon), pair.slice(colon + 1)];
  const [clientId = '', clientSecret = ''] = isEncoded ? halves.map(formDecode) : halves;
  return { clientId, clientSecret };
}

/** Undoes the form encoding of RFC 6749 section 2.3.1; a half that cannot have been encoded stays as it is. */
function formDecode(half: string): string {
  try {
    return decodeURIComponent(half.replaceAll('+', ' '));
  } catch {
    return half;
  }
}
