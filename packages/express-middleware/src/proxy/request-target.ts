import { ProxyRejection } from './proxy-rejection.ts';

/** What is asked for, byte for byte as it will be forwarded. */
export interface RequestTarget {
  /** Begins with a slash. */
  readonly path: string;
  /** Begins with a question mark, or is empty. */
  readonly query: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc3986#section-3.3 */
const pathGrammar = /^(?:\/(?:[\w\-.~!$&'()*+,;=:@]|%[\da-f]{2})*)+$/i;

/** All printable ASCII that browsers send as it is, too; they leave brackets and bars alone. */
const queryGrammar = /^(?:[!$&-;=?-[\]-~]|%[\da-f]{2})*$/i;

/**
 * What servers disagree about: empty and dot segments (also before path parameters), slashes, backslashes and control
 * characters that are encoded, and those that a second decoding would bring about.
 */
const ambiguous = /\/\/|\/(?:\.|%2e){1,2}(?:;|%3b|\/|$)|%(?:25)*(?:2f|5c|[01][\da-f]|7f)|%25(?:25)*2e/i;

/** Tells whether a path has only one reading. */
export function isPlainPath(path: string): boolean {
  if (!pathGrammar.test(path) || ambiguous.test(path)) return false;
  if (!path.includes('%')) return true;
  try {
    // Overlong and cut UTF-8 is read as a slash or a dot by some.
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Reads the raw target of a request; only the origin form has a path below the mount. */
export function readTarget(raw: string, mountPath: string): RequestTarget | ProxyRejection {
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  const query = mark < 0 ? '' : raw.slice(mark);
  if (!isPlainPath(path) || !queryGrammar.test(query)) return new ProxyRejection('malformed_target');
  const below = path.slice(mountPath.length);
  if (!path.startsWith(mountPath) || (below !== '' && !below.startsWith('/'))) return new ProxyRejection('not_found');
  return { path: below || '/', query };
}
