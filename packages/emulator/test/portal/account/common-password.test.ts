import { expect, test } from 'vitest';
import { DIGEST_BYTES, isCommonPassword } from '../../../src/portal/account/common-password.ts';
import { COMMON_PASSWORD_DIGESTS } from '../../../src/portal/account/common-password-digests.ts';

test.each([
  '123qweasdzxc',
  '1qaz2wsx3edc',
  'qwertyqwerty',
  'QwertyQwerty',
  'leavemealone',
  'sonyericsson',
  '\uff51wertyqwerty',
])('%s is the first that an attacker tries: it is common', (password) => {
  expect(isCommonPassword(password)).toBe(true);
});

test.each(['battery staple horse', 'correct horse battery', 'qwertyqwerty, but longer', ''])(
  '%j is nobody’s first guess: it is not refused',
  (password) => {
    expect(isCommonPassword(password)).toBe(false);
  },
);

test('the list holds 5,000 passwords, more than the 3,000 that OWASP asks for, and each once', () => {
  const listed = Buffer.from(COMMON_PASSWORD_DIGESTS, 'base64url').toString('hex');
  const digests = listed.match(new RegExp(`.{${DIGEST_BYTES * 2}}`, 'g')) ?? [];
  expect([listed.length, new Set(digests).size]).toEqual([5_000 * DIGEST_BYTES * 2, 5_000]);
});
