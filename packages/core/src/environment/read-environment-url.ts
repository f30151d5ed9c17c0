import { describeType, typeTag } from '../configuration/describe-value.ts';
import type { Problems } from '../configuration/problems.ts';
import { isMissing } from '../configuration/read-text.ts';
import type { Setting } from '../configuration/setting.ts';
import { isLoopback } from './is-loopback.ts';

/** What stands for a URL that has been reported: nothing is ever sent to it. */
export const placeholderUrl = 'https://unusable.invalid';

/** Reads the base of all API calls, to which paths are appended: its path ends with a slash. */
export function readApiUrl(setting: Setting, allowHttp: boolean, problems: Problems): string {
  const url = readUrl(setting, allowHttp, problems);
  // `search` and `hash` do not tell an empty one from none.
  if (/[?#]/.test(url.href)) problems.add(setting.label, 'must not have a query or fragment: remove it');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/**
 * Reads the token endpoint, which is used as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
export function readTokenUrl(setting: Setting, allowHttp: boolean, problems: Problems): string {
  const { href } = readUrl(setting, allowHttp, problems);
  if (href.includes('#')) problems.add(setting.label, 'must not have a fragment: remove it');
  return href;
}

/** Reports what is wrong without showing the URL, any part of which may be a secret in the wrong place. */
function readUrl({ value, label }: Setting, allowHttp: boolean, problems: Problems): URL {
  const url = parseUrl(value);
  if (!url) {
    const type = typeof value === 'string' ? '' : `, not ${describeType(value)}`;
    const wanted = 'must be a full URL such as https://api.example.com, without white space';
    problems.add(label, value === undefined ? isMissing : wanted + type);
    return new URL(placeholderUrl);
  }
  const { protocol, hostname } = url;
  if (url.username || url.password) {
    problems.add(label, 'must not hold a user name or password: remove them');
  }
  const isHttp = protocol === 'http:';
  if (protocol !== 'https:' && !(isHttp && (allowHttp || isLoopback(hostname)))) {
    const reason = isHttp ? ': only loopback does without, or the option environment.allowHttp' : '';
    problems.add(label, `must start with https://${reason}`);
  }
  return url;
}

function parseUrl(value: unknown): URL | undefined {
  try {
    // By its tag, so that a URL of another realm or of a polyfill counts.
    const text = typeTag(value) === 'URL' ? (value as URL).href : typeof value === 'string' ? value : ' ';
    // The URL parser would drop white space silently, also in the midst of a host.
    return /[\s\p{Cc}]/u.test(text) ? undefined : new URL(text);
  } catch {
    return undefined;
  }
}
