import { invalid } from './invalid.ts';
import { readText } from './read-text.ts';

/** The realm of the default credential. */
export const DEFAULT_REALM = 'local';

/** First path segments below which the emulator serves something else. */
const RESERVED = ['_emulator', 'portal'];

/** Reads a realm: any text that can be exactly one segment of a path once it is percent-encoded. */
export function readRealm(value: unknown, where: string): string {
  const realm = readText(value, where, 128);
  if (/[/\\]/.test(realm)) throw invalid(where, 'must be one path segment, without a slash or backslash');
  if (/^\.{1,2}$/.test(realm)) throw invalid(where, 'must not be "." or "..", which a URL swallows');
  if (realm !== realm.trim()) throw invalid(where, 'must not begin or end with white space');
  if (RESERVED.includes(realm))
    throw invalid(where, `must not be ${RESERVED.join(' or ')}; these paths are the emulator's own`);
  return realm;
}
