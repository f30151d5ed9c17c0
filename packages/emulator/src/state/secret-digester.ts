import { hash, timingSafeEqual } from 'node:crypto';

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
