import { RequestRefusedError } from '../error/request-refused-error.ts';

/** A scheme, or two slashes of either kind: what URL parsers take for the start of a full address. */
const absolute = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;
/** Dot segments that survive URL parsing because their slash is encoded; a server may decode them. */
const hiddenDotSegment = /(?:^|\/|%2f|%5c)(?:\.|%2e){2}(?:$|\/|%2f|%5c)/i;

/** Tells whether a URL lies below the API's base, the only place that may see a token. */
export function isApiUrl(apiUrl: URL, url: URL): boolean {
  return (
    url.origin === apiUrl.origin &&
    url.username === '' &&
    url.password === '' &&
    `${url.pathname}/`.startsWith(apiUrl.pathname) &&
    !hiddenDotSegment.test(url.pathname)
  );
}

/**
 * Resolves what a caller wants to fetch. Relative paths, with or without a leading slash, lie below the API's base.
 *
 * @throws RequestRefusedError `origin_not_allowed` for everything that does not
 */
export function resolveApiUrl(apiUrl: URL, input: string | URL): URL {
  const text = String(input);
  let url: URL | undefined;
  try {
    url = new URL(absolute.test(text) ? text : `./${text.replace(/^\//, '')}`, apiUrl);
  } catch {
    // Not a URL at all: refused below like a foreign one.
  }
  if (url && isApiUrl(apiUrl, url)) return url;
  throw new RequestRefusedError(
    'origin_not_allowed',
    `The access token is not sent to ${url ? url.origin : 'what is no URL'}, only below ${apiUrl.href}. Use the platform's fetch, or a client of that environment.`,
  );
}
