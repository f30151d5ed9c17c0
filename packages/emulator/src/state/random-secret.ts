import { randomFillSync } from 'node:crypto';

const SECRET_BYTES = 32;

// The system's generator is asked for many secrets at once: asking costs more than all the rest of issuing a token.
const pool = Buffer.alloc(SECRET_BYTES * 128);
let used = pool.length;

/** A new secret or token: 256 random bits in 43 characters that need no encoding anywhere. */
export function randomSecret(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + SECRET_BYTES);
  used += SECRET_BYTES;
  const secret = bytes.toString('base64url');
  bytes.fill(0);
  return secret;
}
