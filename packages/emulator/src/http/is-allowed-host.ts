import { isIP } from 'node:net';
import type { AccessRules } from './access-rules.ts';

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
