import { hasParentSegment } from '../client/api-url.ts';
import { optional, type Validator } from '../configuration/validator.ts';

/**
 * An absolute URL that a secret may be sent to. It is never shown, because any part of it may be a secret in the wrong place.
 *
 * @param without what `forbidden` matches, in words
 */
export function urlValidator(
  allowHttp: boolean | undefined,
  without: string,
  forbidden: RegExp,
): Validator<string | undefined> {
  return optional<string>(
    `an absolute URL with https:// (http:// only for loopback or with environment.allowHttp), without user name, password, ${without}, dot segments or whitespace`,
    (value) => {
      // The URL parser would silently remove whitespace, even inside a host.
      if (/[\s\p{Cc}]/u.test(value) || forbidden.test(value) || !URL.canParse(value)) return false;
      const { protocol, hostname, username, password, pathname } = new URL(value);
      const isSafe = protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback(hostname)));
      return isSafe && !username && !password && !hasParentSegment(pathname);
    },
  );
}

/** Returns whether a host, as the URL parser writes it, is this machine. @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
