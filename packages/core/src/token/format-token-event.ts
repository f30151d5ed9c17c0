import type { TokenEvent } from './token-event.ts';

/**
 * Formats an event as one line for a log; values with spaces or quotes are quoted as in JSON. For example:
 * `2026-11-28T12:00:00.000Z instellix sandbox/acme token_obtained from=endpoint lifetimeMs=300000 tookMs=84`.
 */
export function formatTokenEvent({ at, environment, realm, type, ...details }: TokenEvent): string {
  const fields = Object.entries(details).map(([name, value]) => `${name}=${formatValue(value)}`);
  return [new Date(at).toISOString(), 'instellix', formatValue(`${environment}/${realm}`), type, ...fields].join(' ');
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value));
  const text = String(value);
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/** `JSON.stringify` leaves U+0085, U+2028 and U+2029 as they are, which some viewers display as the end of a line. */
function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
