import type { Problems } from './problems.ts';
import { readText } from './read-text.ts';
import type { Setting } from './setting.ts';

const longest = 255;

/** Reads the realm, which becomes one segment of the token URL's path. */
export function readRealm(setting: Setting, problems: Problems): string {
  return readText(setting, problems, findRealmFault);
}

function findRealmFault(realm: string): string | undefined {
  if (/[\\/]/.test(realm))
    return 'must not hold a slash or backslash: give the name of the realm alone, not a path or URL';
  if (/^\.\.?$/.test(realm)) return 'must not be a dot segment: give the name of the realm';
  if (/%[\da-f]{2}/i.test(realm)) return 'must not be percent-encoded: give it as it is, it is encoded where needed';
  if (realm.length > longest) return `must not be longer than ${longest} characters: give the name of the realm alone`;
  return undefined;
}
