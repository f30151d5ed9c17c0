/**
 * Encodes client id and secret for `Authorization: Basic`: the plain UTF-8 pair, or both halves form-encoded first.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function encodeBasicCredentials(clientId: string, secret: string, encoding: 'raw' | 'form'): string {
  const pair = encoding === 'form' ? `${formEncode(clientId)}:${formEncode(secret)}` : `${clientId}:${secret}`;
  // btoa takes bytes only, one per character.
  return btoa(Array.from(new TextEncoder().encode(pair), (byte) => String.fromCharCode(byte)).join(''));
}

/** Encodes as `application/x-www-form-urlencoded`. @see https://www.rfc-editor.org/rfc/rfc6749#appendix-B */
export function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
