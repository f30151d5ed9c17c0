import type { Role } from './credential.ts';

/** A stored client secret. */
export interface StoredSecret {
  readonly digest: Uint8Array;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The end of its validity in epoch ms; left out for the current secret. */
  readonly expiresAt?: number;
}

/** A stored token, without the token itself. */
export interface StoredToken {
  /** The number by which the portal revokes it. */
  readonly id: number;
  readonly digest: string;
  readonly clientId: string;
  readonly realm: string;
  readonly scopes: readonly string[];
  /** Epoch ms. */
  readonly issuedAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly isRevoked: 0 | 1;
}

/** A stored portal user. */
export interface PortalUser {
  readonly username: string;
  /** Left out: no password is valid. */
  readonly passwordDigest?: Uint8Array | undefined;
  readonly roles: readonly Role[];
  /** Epoch ms. */
  readonly createdAt: number;
}

/**
 * An entry of `/customers`. Invented: the vendor documents no resource except `/some-resource`.
 *
 * Further members are kept.
 */
export interface Customer {
  readonly id: string;
  /** 1 to 200 characters. */
  readonly name: string;
  readonly [member: string]: unknown;
}

/** An action, or a refused attempt. */
export interface AuditEntry {
  /** Epoch ms. */
  readonly at: number;
  /** The user, `administration` for the controls over HTTP, or `anonymous` for a request without a session. */
  readonly actor: string;
  /** The action, in words. */
  readonly act: string;
  /** The client id or user that was changed; never a value that does not exist, because it may be a secret. */
  readonly subject: string;
  readonly outcome: 'done' | 'refused';
  /** The reason of a refusal, or the new value. */
  readonly detail: string;
}
