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
  const token = new OpaqueAccessToken(value, obtainedAt, expiresAt);
  if (isShared) sharedTokens.add(token);
  return token;
}

const sharedTokens = /* @__PURE__ */ new WeakSet<AccessToken>();

/**
 * Returns whether a token came from the store. It may have been revoked together with the one that it replaces, which says nothing
 * about new tokens.
 */
export function isSharedToken(token: AccessToken): boolean {
  return sharedTokens.has(token);
}

class OpaqueAccessToken implements AccessToken {
  readonly #value: string;
  readonly obtainedAt: number;
  readonly expiresAt: number;

  constructor(value: string, obtainedAt: number, expiresAt: number) {
    this.#value = value;
    this.obtainedAt = obtainedAt;
    this.expiresAt = expiresAt;
    Object.freeze(this);
  }

  get value(): string {
    return this.#value;
  }

  get [Symbol.toStringTag](): string {
    return 'AccessToken';
  }
}
