import { isIP } from 'node:net';

/** Restricts who can control an emulator over HTTP and in the portal. */
export interface AccessRules {
  /** Accepted host names, in lower case, in addition to `localhost` and IP addresses. */
  readonly hostNames: readonly string[];
  /** The bearer token that the administration requires; `undefined`: none. */
  readonly adminToken?: string | undefined;
}

/**
 * Whether a Host header is an IP address, `localhost` or one of `hostNames`.
 *
 * After DNS rebinding, a foreign web page has the same origin as the emulator. The Host header of its requests is the
 * host name of the page, never an IP address.
 */
export function isAllowedHost(host: string | undefined, { hostNames }: Pick<AccessRules, 'hostNames'>): boolean {
  const name = host?.match(/^(\[[0-9a-f:.]+\]|[^:[\]/@?#\\\s]+)(?::\d{1,5})?$/i)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hostNames.includes(name);
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * Whether a request comes from a page of the emulator itself, or from a client other than a browser.
 *
 * Browsers send `Origin` with every POST, and `Sec-Fetch-Site` with every request.
 *
 * @param host the Host header, which `isAllowedHost` has accepted.
 */
export function isSameOrigin(headers: Headers, host: string): boolean {
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`) return false;
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}

/** A rejected request, which gets an error response. */
export class HttpProblem extends Error {
  readonly status: number;
  /** The error code of a JSON response, or the detail in the audit log. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}
