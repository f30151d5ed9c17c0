import { RequestRefusedError } from '../error/request-refused-error.ts';

/** A scheme, or two slashes of either kind: what URL parsers take for the start of an absolute URL. */
const absolute = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;
/** A segment `..`, with or without path parameters. A path that no URL parser has read may end with a query or a fragment. */
const parentSegment = /[\\/]\.\.(?:[\\/;?#]|$)/;
/** A relative path, with or without a query, that URL parsers leave as it is: without dots in the path, and with nothing encoded. */
const plainPath = /^(?!\/\/)[\w/-]*(\?[\w.,=&-]*)?$/;
const encodedAscii = /%([0-7][\da-f])/gi;
/** Some servers decode a path twice. */
const maxDecodings = 2;

/** Returns whether a URL is below the API's base. Only such URLs may receive the token. */
export function isApiUrl(apiUrl: URL, url: URL): boolean {
  const isSameOrigin = url.protocol === apiUrl.protocol && url.host === apiUrl.host;
  return isSameOrigin && !url.username && !url.password && isApiPath(apiUrl, url.pathname);
}

/** Returns whether a path without its query is below the API's base. A path with a parent segment `..`, in any spelling, is not. */
export function isApiPath(apiUrl: URL, pathname: string): boolean {
  return `${pathname}/`.startsWith(apiUrl.pathname) && !hasParentSegment(pathname);
}

/**
 * Returns whether the `Host` header of a request names the API; true without one. On a server with several sites, a caller's own `Host`
 * decides which of them gets the request.
 */
export function isApiHost(apiUrl: URL, host: unknown): boolean {
  return host == null || String(host).toLowerCase() === apiUrl.host;
}

/** @throws RequestRefusedError `origin_not_allowed` when a `Host` header does not name the API; see {@link isApiHost} */
export function requireApiHost(apiUrl: URL, host: unknown): void {
  if (isApiHost(apiUrl, host)) return;
  throw new RequestRefusedError(
    'origin_not_allowed',
    `Cannot send the request: its Host header does not name ${apiUrl.host}, which alone receives the access token. Leave the header out.`,
  );
}

/** Resolves the URL of a call as {@link resolveApiUrl} does, and parses only what a parser might change. */
export function resolveApiHref(apiUrl: URL, input: string): string {
  return plainPath.test(input) ? joinToBase(apiUrl, input) : resolveApiUrl(apiUrl, input).href;
}

/**
 * Resolves the URL of a call. Relative paths, with or without a leading slash, resolve against the API's base.
 *
 * @throws RequestRefusedError `origin_not_allowed` for everything else
 */
export function resolveApiUrl(apiUrl: URL, input: string | URL): URL {
  const text = String(input);
  let url: URL | undefined;
  try {
    // Joined as text, because URLs are parsed more quickly without a base.
    url = absolute.test(text) ? new URL(text, apiUrl) : new URL(joinToBase(apiUrl, text));
  } catch {
    // Not a URL: refused below, like one of another origin.
  }
  if (url && isApiUrl(apiUrl, url)) return url;
  const what =
    url && url.origin !== 'null' ? `it leads to ${url.origin}, outside of the API's base` : 'the URL is invalid';
  throw new RequestRefusedError(
    'origin_not_allowed',
    `Cannot send the request: ${what}. Only URLs below ${apiUrl.href} receive the access token. Call others without it, or by a client of their environment.`,
  );
}

/** The API's URL ends with a slash, without query, fragment and parent segments. */
function joinToBase(apiUrl: URL, path: string): string {
  return apiUrl.href + path.replace(/^\//, '');
}

/** Servers that decode a path, or that remove path parameters or control characters, find a `..` where URL parsers find none. */
export function hasParentSegment(pathname: string): boolean {
  let path = pathname;
  for (let decodings = 0; decodings <= maxDecodings; decodings++) {
    if (parentSegment.test(path)) return true;
    if (!path.includes('%')) return false;
    path = path.replace(encodedAscii, decodeVisible);
  }
  return false;
}

function decodeVisible(_: string, hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code > 0x20 ? String.fromCharCode(code) : '';
}
