import { ConfigurationError } from '@instellix/core';
import { isApiUrl, resolveApiUrl } from '@instellix/core/adapter';
import type { AxiosStatic, InternalAxiosRequestConfig } from 'axios';

/**
 * Checks that the URL that Axios makes of a config is below the API's base. Without a `baseURL`, a call is relative to that base.
 *
 * @returns the parts to send, and the URL that they make without `params`
 * @throws RequestRefusedError `origin_not_allowed` for all other URLs
 */
export function checkCallUrl(
  { Axios }: AxiosStatic,
  apiUrl: URL,
  { baseURL, url, allowAbsoluteUrls }: Pick<InternalAxiosRequestConfig, 'baseURL' | 'url' | 'allowAbsoluteUrls'>,
): { readonly parts: object; readonly resolved: URL } {
  const parts = {
    baseURL: baseURL || apiUrl.href,
    url: String(url ?? ''),
    // Axios 1.12 also takes 0 and an empty string for false.
    allowAbsoluteUrls: allowAbsoluteUrls !== false,
  };
  // Two slashes of either kind start an absolute URL, of which Axios knows only one kind.
  const isAbsolute = /^[\\/]{2}/.test(parts.url);
  const joined = isAbsolute ? parts.url : new Axios({}).getUri(parts);
  // Adapters parse it without a base: `https:host` is a relative path with one, and a host without.
  const target = parseUrl(joined);
  if (target && isApiUrl(apiUrl, target)) return { parts, resolved: target };
  const resolved = resolveApiUrl(apiUrl, target ?? joined);
  return { parts: { ...parts, baseURL: undefined, url: resolved.href }, resolved };
}

/** @throws ConfigurationError when the `baseURL` of an instance is not below the API's base */
export function resolveBaseUrl(apiUrl: URL, baseURL: string | null | undefined): string {
  try {
    return resolveApiUrl(apiUrl, baseURL ?? '').href;
  } catch {
    throw new ConfigurationError([
      `baseURL is not below ${apiUrl.href}: leave it out, or give a path below that URL, such as "/v2".`,
    ]);
  }
}

/** Returns undefined for what is no absolute URL. */
export function parseUrl(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}
