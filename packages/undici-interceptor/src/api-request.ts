import { isIP } from 'node:net';
import { isApiHost, isApiPath } from '@instellix/core/adapter';

/**
 * Returns whether a request is for the API. A request to an IP address is when its `Host` header names the API: with TLS, undici checks
 * the certificate against that name. Without TLS, only the addresses of this machine are trusted.
 *
 * @param readHost reads the `Host` header, when origin and path do not exclude the API
 */
export function isApiRequest(apiUrl: URL, origin: string, path: string, readHost: () => unknown): boolean {
  const [pathname = ''] = path.split('?', 1);
  // undici sends a path as it is given.
  if (!isApiPath(apiUrl, pathname)) return false;
  if (origin === apiUrl.origin) return isApiHost(apiUrl, readHost());
  if (!URL.canParse(origin)) return false;
  const { href, protocol, hostname, port } = new URL(origin);
  if (href === `${apiUrl.origin}/`) return isApiHost(apiUrl, readHost());
  // `interceptors.dns()` replaces a host by its address.
  const address = hostname.replace(/^\[|\]$/g, '');
  const isTrusted = isIP(address) !== 0 && (protocol === 'https:' || /^(?:127\.|::1$)/.test(address));
  return isTrusted && protocol === apiUrl.protocol && port === apiUrl.port && isApiHost(apiUrl, readHost() ?? '');
}
