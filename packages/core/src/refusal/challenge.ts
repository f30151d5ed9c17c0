/** The parameters of a Bearer challenge. @see https://www.rfc-editor.org/rfc/rfc6750#section-3 */
export interface BearerChallenge {
  readonly error?: string;
  readonly scope?: string;
}

/** One `auth-param`, or the scheme that opens the next challenge. @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 */
const piece = /([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;
/** Only what RFC 6749 allows in a scope gets into a message; the header is the server's, and may say anything. */
const scopeCharacters = /^[\x21\x23-\x5b\x5d-\x7e ]{1,300}$/;

/** Reads the Bearer challenge of a `WWW-Authenticate` header, which may hold other schemes' challenges, too. */
export function parseBearerChallenge(header: string | null): BearerChallenge | undefined {
  let challenge: Record<string, string> | undefined;
  let scheme = '';
  for (const [, name = '', quoted, token] of (header ?? '').slice(0, 4096).matchAll(piece)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? token;
    if (value === undefined) scheme = name.toLowerCase();
    if (scheme !== 'bearer') continue;
    challenge ??= {};
    if (value !== undefined) challenge[name.toLowerCase()] ??= value;
  }
  if (!challenge) return undefined;
  const { error, scope } = challenge;
  return {
    ...(error !== undefined && scopeCharacters.test(error) && { error }),
    ...(scope !== undefined && scopeCharacters.test(scope) && { scope }),
  };
}
