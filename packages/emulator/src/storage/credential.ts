/**
 * What a credential or a portal user may do. Invented: the vendor documents that roles exist, not which.
 *
 * `reader` holds the scope `customers:read`, `writer` holds `customers:write`, `none` holds nothing; `admin` and
 * `auditor` are for the portal only.
 */
export type Role = 'reader' | 'writer' | 'none' | 'admin' | 'auditor';

/** Whether a credential is for the API or for the portal. */
export type CredentialKind = 'api' | 'portal';

const SCOPES: Readonly<Record<Role, readonly string[]>> = {
  reader: ['customers:read'],
  writer: ['customers:write'],
  none: [],
  admin: [],
  auditor: [],
};

/** The roles of a credential for the API. */
export const API_ROLES: readonly Role[] = ['reader', 'writer', 'none'];
/** All roles; a credential for the portal, and a portal user, can have any of them. */
export const ALL_ROLES: readonly Role[] = [...API_ROLES, 'admin', 'auditor'];

/** The scopes that `roles` hold together, each once. */
export function scopesOf(roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => SCOPES[role]))];
}

/** Every scope that some role holds. */
export const ALL_SCOPES: readonly string[] = scopesOf(ALL_ROLES);

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
