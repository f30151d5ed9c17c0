import { hasControlCharacter } from '../input/read-text.ts';

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
 * @see RFC 7617 section 2
 */
export function parseBasicCredentials(authorization: string | null): BasicCredentials | undefined {
  const encoded = authorization?.match(BASIC)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  let pair: string;
  try {
    pair = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = pair.indexOf(':');
  if (colon < 0 || hasControlCharacter(pair)) return undefined;
  return { clientId: pair.slice(0, colon), clientSecret: pair.slice(colon + 1) };
}

/**
 * The pair as it reads when both halves were form-encoded first; `undefined` when they cannot have been, or are the same.
 *
 * @see RFC 6749 section 2.3.1
 */
export function formDecoded(pair: BasicCredentials): BasicCredentials | undefined {
  if (!/[%+]/.test(pair.clientId + pair.clientSecret)) return undefined;
  try {
    return { clientId: decodeHalf(pair.clientId), clientSecret: decodeHalf(pair.clientSecret) };
  } catch {
    return undefined;
  }
}

function decodeHalf(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
