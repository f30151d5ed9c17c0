/** An access token and its lifetime. */
export interface AccessToken {
  /** The token itself, for `Authorization: Bearer …`; opaque, never to be parsed. */
  readonly value: string;
  /** When it expires, epoch milliseconds. */
  readonly expiresAt: number;
  /** When its request was sent, epoch milliseconds. */
  readonly obtainedAt: number;
}

/** Creates a token whose value does not appear in `util.inspect`, JSON, a spread or `structuredClone`. */
export function createAccessToken(value: string, obtainedAt: number, expiresAt: number, isShared = false): AccessToken {
  return new OpaqueAccessToken(value, obtainedAt, expiresAt, isShared);
}

/** Registered, so that adapters recognise the tokens of a client that another copy of this package has created. */
const shared = Symbol.for('@instellix/core:shared-token');

/**
 * Returns whether a token came from the store. It may have been revoked together with the one that it replaces, which says nothing
 * about new tokens.
 */
export function isSharedToken(token: AccessToken): boolean {
  return (token as { readonly [shared]?: boolean })[shared] === true;
}

class OpaqueAccessToken implements AccessToken {
  readonly #value: string;
  readonly #isShared: boolean;
  readonly obtainedAt: number;
  readonly expiresAt: number;

  constructor(value: string, obtainedAt: number, expiresAt: number, isShared: boolean) {
    this.#value = value;
    this.#isShared = isShared;
    this.obtainedAt = obtainedAt;
    this.expiresAt = expiresAt;
    Object.freeze(this);
  }

  get value(): string {
    return this.#value;
  }

  get [shared](): boolean {
    return this.#isShared;
  }

  get [Symbol.toStringTag](): string {
    return 'AccessToken';
  }
}
