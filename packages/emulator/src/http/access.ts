import { isIP } from 'node:net';

/** Who may steer an emulator, over HTTP and in the portal. */
export interface AccessRules {
  /** Names by which requests may call this machine, beside loopback and IP addresses; in lower case. */
  readonly hostNames: readonly string[];
  /** What the administration wants as a bearer token; `undefined`: nothing. */
  readonly adminToken?: string | undefined;
}

/**
 * Whether a Host header names this machine in a way that a stranger's web page cannot bring about.
 *
 * A page whose own name suddenly resolves to 127.0.0.1 is of the same origin as the emulator in a browser's eyes; only
 * the name in the Host header gives it away. Such a page always comes by a name, so IP addresses are allowed.
 */
export function isAllowedHost(host: string | undefined, { hostNames }: Pick<AccessRules, 'hostNames'>): boolean {
  const name = host?.match(/^(\[[0-9a-f:.]+\]|[^:[\]/@?#\\\s]+)(?::\d{1,5})?$/i)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hostNames.includes(name);
}

/** Whether nothing outside this machine can reach an address that is listened on. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * Whether a request comes from a page of the emulator itself, or from no page at all.
 *
 * Browsers name the origin on every request that can change something, and say in Sec-Fetch-Site who asked.
 *
 * @param host the Host header, which has been checked before.
 */
export function isSameOrigin(headers: Headers, host: string): boolean {
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`) return false;
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}
