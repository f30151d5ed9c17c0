import type { CredentialKind, Role } from './role.ts';

/** Where a credential stands: `inactive` can be undone, `revoked` cannot. */
export type CredentialStatus = 'active' | 'inactive' | 'revoked';

/** A credential as the emulator knows it; its secrets are kept apart, as digests. */
export interface Credential {
  readonly clientId: string;
  readonly realm: string;
  readonly kind: CredentialKind;
  readonly name: string | undefined;
  readonly roles: readonly Role[];
  readonly status: CredentialStatus;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms of the last successful token answer, from which the throttle (F8) counts. */
  readonly lastIssuedAt: number | undefined;
  /** How often a secret that is derived from the database's key was rotated; `undefined` for any other credential. */
  readonly generation: number | undefined;
}

/** What `credentials.list()` tells about a credential: never a secret. */
export interface CredentialSummary {
  readonly clientId: string;
  readonly realm: string;
  readonly kind: CredentialKind;
  readonly name?: string;
  readonly roles: readonly Role[];
  readonly status: CredentialStatus;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The secrets that work now, newest first; an `expiresAt` (epoch ms) means that a rotation is about to end it. */
  readonly secrets: readonly { readonly createdAt: number; readonly expiresAt?: number }[];
}
