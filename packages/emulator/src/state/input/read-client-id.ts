import { invalid } from './invalid.ts';
import { readText } from './read-text.ts';

const LONGEST = 256;

/** Reads a client id: text without a colon, which would end it in a Basic header. */
export function readClientId(value: unknown, where: string): string {
  const clientId = readText(value, where, LONGEST);
  if (clientId.includes(':')) throw invalid(where, 'must not hold a colon, which ends the client id in a Basic header');
  return clientId;
}

/** Reads a client secret. */
export function readClientSecret(value: unknown, where: string): string {
  return readText(value, where, LONGEST);
}
