import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The digest of no secret. It is compared when a name is unknown, so that the response time is the same. */
export const NO_DIGEST = new Uint8Array(32);

/** Computes digests of secrets and tokens with the key of a database. */
export class SecretDigester {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The stored digest of a client secret or a password. */
  digest(secret: string): Buffer {
    return hash('sha256', `secret ${this.#key} ${secret}`, 'buffer');
  }

  /** The stored digest of a token. */
  tokenDigest(token: string): string {
    return hash('sha256', `token ${this.#key} ${token}`, 'base64url');
  }

  /** Compares a secret with a digest, in constant time. */
  matches(secret: string, digest: Uint8Array): boolean {
    return timingSafeEqual(this.digest(secret), digest);
  }

  /**
   * The secret of the default credential after `generation` rotations.
   *
   * It is derived from the key, so that it is known again after a restart.
   */
  defaultSecret(generation: number): string {
    return this.#derive(`client secret ${generation}`);
  }

  /** The password of the first portal account, derived in the same way. */
  firstPassword(): string {
    return this.#derive('first account');
  }

  #derive(label: string): string {
    return hash('sha256', `derive ${this.#key} ${label}`, 'base64url');
  }
}

/** Creates a secret or token: 256 random bits as 43 characters of base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
