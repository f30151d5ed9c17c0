import { ProxyRejection } from './proxy-problem.ts';

/** The target of a request, byte for byte as it will be forwarded. */
export interface RequestTarget {
  /** Begins with a slash. */
  readonly path: string;
  /** Begins with a question mark, or is empty. */
  readonly query: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3 */
const pathGrammar = /^(?:\/(?:[\w\-.~!$&'()*+,;=:@]|%[\da-f]{2})*)+$/i;

/** All printable ASCII that browsers send unencoded. They do not encode brackets and bars. */
const queryGrammar = /^(?:[!$&-;=?-[\]-~]|%[\da-f]{2})*$/i;

/**
 * Percent-encodings with which a path has a second spelling, or a second reading: unreserved characters, slashes, backslashes, control
 * characters, and percent signs that a second decoding would decode again.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2.3
 */
const ambiguousEncoding = /%(?:2[def]|3\d|4[1-9a-f]|5[\dacf]|6[1-9a-f]|7[\daef]|[01][\da-f]|25[\da-f]{2})/i;

/** Control characters, and characters that some servers take for a slash or backslash. Normalization finds the full-width ones. */
const lookalike = /[\p{Cc}\u2044\u2215\u2216\u29f5\u29f8\u29f9]/u;

/** One or two dots, also before what some servers cut off: path parameters, queries, fragments, white space. */
const dotSegment = /\/\s*[.\u3002]{1,2}(?:$|[^\p{L}\p{N}_.~-])/u;

/** Returns whether a path has only one reading, whichever server reads it. */
export function isPlainPath(path: string): boolean {
  if (!pathGrammar.test(path) || path.includes('//') || ambiguousEncoding.test(path)) return false;
  // Without percent-encodings, the path is ASCII.
  if (!path.includes('%')) return !dotSegment.test(path);
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Overlong or truncated UTF-8 is read as a slash or a dot by some servers.
    return false;
  }
  const normalized = decoded.normalize('NFKC');
  // No slash was encoded, so a slash that the path does not have is a full-width one.
  const isDeceptive = normalized.split('/').length !== path.split('/').length || normalized.includes('\\');
  return !isDeceptive && !lookalike.test(decoded) && !dotSegment.test(normalized);
}

/**
 * Reads the raw target of a request. Only the origin form has a path below the mount.
 *
 * @throws ProxyRejection
 */
export function readTarget(raw: string, mountPath: string): RequestTarget {
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  const query = mark < 0 ? '' : raw.slice(mark);
  if (!isPlainPath(path) || !queryGrammar.test(query)) throw new ProxyRejection('malformed_target');
  const below = path.slice(mountPath.length);
  if (!path.startsWith(mountPath) || (below !== '' && !below.startsWith('/'))) throw new ProxyRejection('not_found');
  return { path: below || '/', query };
}
