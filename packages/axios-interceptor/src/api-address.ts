import { isApiUrl, resolveApiUrl } from '@instellix/core';
import type { InternalAxiosRequestConfig } from 'axios';

/** What Axios is given to send a call to an address that has been checked. */
export interface ApiAddress {
  readonly baseURL: string | undefined;
  readonly url: string;
}

/** Plain names, with or without a query: wherever they are appended, they lead below it. */
const plainPath = /^\/?[\w-](?:[\w/-]|\.(?!\.))*(?:\?\S*)?$/;
/** What Axios, or a URL parser behind it, does not take for a path. */
const standsAlone = /^(?:[a-z][a-z\d+.-]*:)?[\\/]{2}/i;

/**
 * Creates the check that a call goes to the API, on the very address that Axios will use.
 *
 * It throws `origin_not_allowed` for every other one, and returns how to put it when it cannot be sent as it is. Calls without
 * a base URL lie below the API's.
 */
export function createAddressCheck(apiUrl: URL): (config: InternalAxiosRequestConfig) => ApiAddress | undefined {
  let checkedBase: string | undefined;
  return (config) => {
    const baseURL = config.baseURL || apiUrl.href;
    const url = config.url ?? '';
    // Parsing costs more than all the rest of a warm call, so what is certain without it is not parsed.
    if (baseURL === checkedBase && plainPath.test(url)) return config.baseURL ? undefined : { baseURL, url };
    const isWhole = config.allowAbsoluteUrls !== false && standsAlone.test(url);
    const address = resolveApiUrl(apiUrl, isWhole || !url ? url || baseURL : join(baseURL, url));
    if (URL.canParse(baseURL) && isApiUrl(apiUrl, new URL(baseURL))) checkedBase = baseURL;
    // What has been checked is what is sent, however the adapter would have parsed it.
    return { baseURL: undefined, url: address.href };
  };
}

function join(baseURL: string, url: string): string {
  return `${baseURL.replace(/\/+$/, '')}/${String(url).replace(/^\/+/, '')}`;
}
