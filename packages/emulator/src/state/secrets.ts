import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';

/** Turns secrets and tokens into digests, with a key that belongs to one database. */
export class SecretDigester {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The digest under which a client secret is stored. */
  digest(secret: string): Buffer {
    return hash('sha256', `secret ${this.#key} ${secret}`, 'buffer');
  }

  /** The digest under which a token is stored. */
  tokenDigest(token: string): string {
    return hash('sha256', `token ${this.#key} ${token}`, 'base64url');
  }

  /** Whether `secret` has the digest `digest`, in a time that does not depend on where they differ. */
  matches(secret: string, digest: Uint8Array): boolean {
    return timingSafeEqual(this.digest(secret), digest);
  }

  /** A secret that the same database yields again for the same label: how a restart knows its default credential. */
  derive(label: string): string {
    return hash('sha256', `derive ${this.#key} ${label}`, 'base64url');
  }
}

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
