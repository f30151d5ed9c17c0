import { isIP } from 'node:net';
import { isApiPath } from '@instellix/core/adapter';
import type { RequestHeaders } from './request-headers.ts';

/** Returns whether a request may be for the API, as far as its origin and path say. */
export function mayBeApiRequest(apiUrl: URL, origin: string, path: string): boolean {
  const [pathname = ''] = path.split('?', 1);
  // undici sends a path as it is given.
  if (!isApiPath(apiUrl, pathname)) return false;
  return origin === apiUrl.origin || (URL.canParse(origin) && isApiOrigin(apiUrl, new URL(origin)));
}

function isApiOrigin(apiUrl: URL, { href, protocol, hostname, port }: URL): boolean {
  if (href === `${apiUrl.origin}/`) return true;
  // `interceptors.dns()` replaces a host by its address.
  const address = hostname.replace(/^\[|\]$/g, '');
  const isTrusted = isIP(address) !== 0 && (protocol === 'https:' || /^(?:127\.|::1$)/.test(address));
  return isTrusted && protocol === apiUrl.protocol && port === apiUrl.port;
}

/**
 * Returns whether a request that {@link mayBeApiRequest} accepts is for the API. To an address, it is when its `Host` header names the
 * API: with TLS, undici checks the certificate against that name. Without TLS, only the addresses of this machine have been accepted.
 */
export function isApiRequest(apiUrl: URL, origin: string, { host }: RequestHeaders): boolean {
  return origin === apiUrl.origin || new URL(origin).host === apiUrl.host || host === apiUrl.host;
}
