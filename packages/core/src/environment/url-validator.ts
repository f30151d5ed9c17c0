import { type Validator, optional } from '../configuration/validator.ts';

/**
 * A full URL that a secret may be sent to, and that holds nothing `forbidden`, of which `without` tells in words. It is never
 * shown, as any part of it may be a secret in the wrong place.
 */
export function urlValidator(
  allowHttp: boolean | undefined,
  without: string,
  forbidden: RegExp,
): Validator<string | undefined> {
  return optional<string>(
    `a full URL with https:// (http:// only for loopback or with environment.allowHttp), without user name, password, ${without} or white space`,
    (value) => {
      // The URL parser would drop white space silently, also in the midst of a host.
      if (/[\s\p{Cc}]/u.test(value) || forbidden.test(value) || !URL.canParse(value)) return false;
      const { protocol, hostname, username, password } = new URL(value);
      const isSafe = protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback(hostname)));
      return isSafe && !username && !password;
    },
  );
}

/** Tells whether a host, in the form that the URL parser gives it, is this machine. @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}
