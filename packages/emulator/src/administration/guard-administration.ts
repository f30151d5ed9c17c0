import { hash, timingSafeEqual } from 'node:crypto';
import type { AccessRules } from '../http/access-rules.ts';
import { isAllowedHost } from '../http/is-allowed-host.ts';
import { isSameOrigin } from '../http/is-same-origin.ts';
import { Problem } from './problem.ts';

/**
 * Lets in who may steer: no web page of anybody else, and with an `adminToken` only who has it.
 *
 * @param host the Host header; `undefined` in memory, where no page can be.
 * @throws Problem
 */
export function guardAdministration(request: Request, host: string | undefined, rules: AccessRules): void {
  if (host !== undefined) {
    if (!isAllowedHost(host, rules)) {
      throw new Problem(421, 'host_not_allowed', 'the Host header is not one of this emulator (see hostNames)');
    }
    if (!isSameOrigin(request.headers, host)) {
      throw new Problem(403, 'origin_not_allowed', 'web pages of another origin do not steer this emulator');
    }
  }
  if (rules.adminToken === undefined) return;
  const token = request.headers.get('authorization')?.match(/^bearer +([^\s]+)$/i)?.[1];
  if (token === undefined || !areEqual(token, rules.adminToken)) {
    throw new Problem(401, 'invalid_token', 'the administration needs the adminToken as a bearer token', {
      'www-authenticate': 'Bearer realm="emulator administration"',
    });
  }
}

function areEqual(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}
