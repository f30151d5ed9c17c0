import { hash } from 'node:crypto';
import { COMMON_PASSWORD_DIGESTS } from './common-password-digests.ts';

/** How much of a digest is kept: with 40 bits, one in 200 million uncommon passwords is taken for a common one. */
export const DIGEST_BYTES = 5;

/** The start of the digest under which a common password is listed, however its letters are cased and typed. */
export function digestCommonPassword(password: string): Buffer {
  return hash('sha256', password.normalize('NFKC').toLowerCase(), 'buffer').subarray(0, DIGEST_BYTES);
}

/**
 * Whether a password is one of the 5,000 most common that have 12 characters or more.
 *
 * @see OWASP ASVS 4.0.3 requirement 2.1.7, and 5.0.0 requirement 6.2.4, which asks for 3,000 that match the policy
 */
export function isCommonPassword(password: string): boolean {
  const wanted = digestCommonPassword(password);
  const listed = Buffer.from(COMMON_PASSWORD_DIGESTS, 'base64url');
  for (let at = 0; at < listed.length; at += DIGEST_BYTES) {
    if (wanted.equals(listed.subarray(at, at + DIGEST_BYTES))) return true;
  }
  return false;
}
