import type { TokenEvent } from './token-event.ts';

/**
 * Formats an event as one line for a log, such as
 * `2026-11-28T12:00:00.000Z instellix sandbox/acme token_obtained from=endpoint lifetimeMs=300000 tookMs=84`.
 */
export function formatTokenEvent({ at, environment, realm, type, ...details }: TokenEvent): string {
  const fields = Object.entries(details).map(([name, value]) => `${name}=${formatValue(value)}`);
  return [new Date(at).toISOString(), 'instellix', `${environment}/${realm}`, type, ...fields].join(' ');
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return String(Math.round(value));
  const text = String(value);
  return /^[\w.:/-]+$/.test(text) ? text : JSON.stringify(text);
}
