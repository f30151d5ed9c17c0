import { isApiUrl, resolveApiUrl } from '@instellix/core/adapter';
import type { InternalAxiosRequestConfig } from 'axios';

/** What Axios is given to send a call to an address that has been checked. */
export interface ApiAddress {
  readonly baseURL: string | undefined;
  readonly url: string;
}

/** Plain names, with or without a query: without `..` in it, it leads below what it is appended to. */
const plainPath = /^\/?[\w-][\w/.-]*(?:\?\S*)?$/;
/** What Axios, or a URL parser behind it, does not take for a path. */
const standsAlone = /^(?:[a-z][a-z\d+.-]*:)?[\\/]{2}/i;

/**
 * Creates the check that a call goes to the API, on the very address that Axios will make of base URL and path.
 *
 * It throws `origin_not_allowed` for every other one, and returns what has to be changed for the call to go there. Calls
 * without a base URL lie below the API's.
 */
export function createAddressCheck(apiUrl: URL): (config: InternalAxiosRequestConfig) => ApiAddress | undefined {
  let checkedBase: string | undefined;
  return (config) => {
    const { allowAbsoluteUrls } = config;
    const baseURL = config.baseURL || apiUrl.href;
    const url = String(config.url ?? '');
    if (baseURL !== checkedBase && leadsBelow(apiUrl, baseURL)) checkedBase = baseURL;
    // Parsing costs more than all the rest of a warm call, so what is certain without it is not parsed.
    const isCertain = baseURL === checkedBase && plainPath.test(url) && !url.includes('..');
    if (!isCertain) {
      const isWhole = allowAbsoluteUrls !== false && standsAlone.test(url);
      const joined = isWhole ? url : join(baseURL, url);
      const isParsable = URL.canParse(joined);
      // Adapters parse it without a base: `https:host` is a path below one, and a host without.
      const { href } = resolveApiUrl(apiUrl, isParsable ? new URL(joined) : joined);
      if (isWhole || !isParsable) return { baseURL: undefined, url: href };
    }
    return config.baseURL ? undefined : { baseURL, url };
  };
}

/** Judged by something appended: a space at the end of a base is none of its path, but one of a path behind it. */
function leadsBelow(apiUrl: URL, baseURL: string): boolean {
  const probe = join(baseURL, 'x');
  return URL.canParse(probe) && isApiUrl(apiUrl, new URL(probe));
}

function join(baseURL: string, url: string): string {
  if (!url) return baseURL;
  // Without expressions: `/\/+$/` takes quadratic time on many slashes that are not at the end.
  let end = baseURL.length;
  while (baseURL[end - 1] === '/') end--;
  let start = 0;
  while (url[start] === '/') start++;
  return `${baseURL.slice(0, end)}/${url.slice(start)}`;
}
