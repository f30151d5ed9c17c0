import type { Problems } from './problems.ts';
import { readText } from './read-text.ts';
import type { Setting } from './setting.ts';

/** What would leave its place in a path, at the first or a second decoding, or is too long to be a name. */
const noSegment = /[\\/]|^\.\.?$|%[\da-f]{2}|^.{256}/i;

/** Reads the realm, which becomes one segment of the token URL's path. */
export function readRealm(setting: Setting, problems: Problems): string {
  return readText(setting, problems, (realm) =>
    noSegment.test(realm)
      ? 'must be a name of at most 255 characters, without slash, backslash or percent-encoding, and not a dot segment'
      : undefined,
  );
}
