import { isIP } from 'node:net';

/** Restricts who can control an emulator over HTTP and in the portal. */
export interface AccessRules {
  /** Accepted host names, in lower case, in addition to `localhost` and IP addresses. */
  readonly hostNames: readonly string[];
  /** The bearer token that the administration requires; `undefined`: none. */
  readonly adminToken?: string | undefined;
}

/**
 * Accepts a Host header that is an IP address, `localhost` or one of `hostNames`.
 *
 * After DNS rebinding, a foreign web page has the same origin as the emulator. The Host header of its requests is the
 * host name of the page, never an IP address.
 *
 * @throws HttpProblem
 */
export function checkHost(host: string, { hostNames }: AccessRules): void {
  const [, name = ''] = host.toLowerCase().match(/^(\[[0-9a-f:.]+\]|[^:[\]/@?#\\\s]+)(?::\d{1,5})?$/) ?? [];
  if (name === 'localhost' || isIP(name.replace(/^\[|\]$/g, '')) !== 0 || hostNames.includes(name)) return;
  const fix = 'use localhost or an IP address, or start the emulator with hostNames';
  throw new HttpProblem(421, 'host_not_allowed', `the Host header is not a name of this emulator; ${fix}`);
}

/** Whether an address can be reached from this machine only. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/**
 * Accepts requests from pages of the emulator itself, and from clients other than browsers.
 *
 * Browsers send `Origin` with every POST, and `Sec-Fetch-Site` with every request.
 *
 * @param host the Host header, which `checkHost` has accepted.
 * @throws HttpProblem
 */
export function checkOrigin(headers: Headers, host: string): void {
  const origin = headers.get('origin') ?? `http://${host}`;
  const isOwn = origin === `http://${host}` || origin === `https://${host}`;
  if (isOwn && ['same-origin', 'none'].includes(headers.get('sec-fetch-site') ?? 'none')) return;
  throw new HttpProblem(403, 'origin_not_allowed', 'a web page of another origin must not control this emulator');
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
