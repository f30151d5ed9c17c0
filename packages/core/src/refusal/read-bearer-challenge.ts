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

/** The parameters of a Bearer challenge. */
export interface BearerChallenge {
  /** A code such as `insufficient_scope`. @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
  readonly error: string | undefined;
  /** The access rights that are required; undefined when they are not in the form of RFC 6749. */
  readonly scope: string | undefined;
}

/**
 * Reads the parameters of the Bearer challenge in a `WWW-Authenticate` header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function readBearerChallenge(challenge: string | null): BearerChallenge {
  const header = (challenge ?? '').slice(0, maxHeaderLength);
  const parameters = new Map<string, string>();
  let scheme = '';
  nextPart.lastIndex = 0;
  for (let part = nextPart.exec(header); part; part = nextPart.exec(header)) {
    const [, name = '', quoted, token] = part;
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token;
    const key = name.toLowerCase();
    if (value === undefined) scheme = key;
    else if (scheme === 'bearer' && !parameters.has(key)) parameters.set(key, value);
  }
  const scope = parameters.get('scope') ?? '';
  const isScope = scope.length <= maxScopeLength && scopeList.test(scope);
  return { error: parameters.get('error'), scope: isScope ? scope : undefined };
}
