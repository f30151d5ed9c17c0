const maxHeaderLength = 8_192;
/**
 * The next scheme, token68 or parameter of a challenge: a token (with the slash of a token68), and its value if it has one, which is a
 * token or a quoted string. Sticky, and no two repetitions in it match the same characters, so that it takes linear time.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.2
 */
const nextPart = /[\s,]*([\w!#$%&'*+./^`|~-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([\w!#$%&'*+.:/^`|~-]+)))?=*/y;
/** A list of access rights that fits into a message. @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 */
const scopeList = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;
const maxScopeLength = 300;

/**
 * Reads the access rights that a Bearer challenge requires; undefined when it names none, or not in the form of RFC 6749.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function readRequiredScope(challenge: string | null): string | undefined {
  const header = (challenge ?? '').slice(0, maxHeaderLength);
  let scheme = '';
  nextPart.lastIndex = 0;
  for (let part = nextPart.exec(header); part; part = nextPart.exec(header)) {
    const [, name = '', quoted, token] = part;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === 'bearer' && name.toLowerCase() === 'scope') {
      return value.length <= maxScopeLength && scopeList.test(value) ? value : undefined;
    }
  }
  return undefined;
}
