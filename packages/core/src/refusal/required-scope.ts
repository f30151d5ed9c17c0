/** Other schemes may stand before; what a quoted string of theirs holds cannot look like a quoted `scope`. */
const bearerScope = /(?:^|,)\s*Bearer\s(?:.*?[\s,])??scope\s*=\s*"([!#-[\]-~ ]{1,300})"/i;

/**
 * Reads the access rights that a Bearer challenge asks for; undefined unless it holds what RFC 6749 allows in a scope, and
 * no more than fits into a message.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function readRequiredScope(challenge: string | null): string | undefined {
  return bearerScope.exec(challenge ?? '')?.[1];
}
