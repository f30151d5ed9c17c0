/**
 * A role of a credential or a portal user. Invented: the vendor documents that roles exist, but not which.
 *
 * `reader` holds the scope `customers:read`, `writer` holds `customers:write`, `none` holds no scope. `admin` and
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

/** The possible roles of a credential for the API. */
export const API_ROLES: readonly Role[] = ['reader', 'writer', 'none'];
/** All roles. Credentials for the portal and portal users can have any of them. */
export const ALL_ROLES: readonly Role[] = [...API_ROLES, 'admin', 'auditor'];

/** The scopes that `roles` hold together. */
export function scopesOf(roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => SCOPES[role]))];
}

/** All scopes. */
export const ALL_SCOPES: readonly string[] = scopesOf(ALL_ROLES);

/** The status of a credential: `inactive` can be undone, `revoked` cannot. */
export type CredentialStatus = 'active' | 'inactive' | 'revoked';

/** A stored credential, without its secrets. */
export interface Credential {
  readonly clientId: string;
  readonly realm: string;
  readonly kind: CredentialKind;
  readonly name?: string | undefined;
  readonly roles: readonly Role[];
  readonly status: CredentialStatus;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The time of the last token response in epoch ms, at which the throttle (F8) started. */
  readonly lastIssuedAt?: number;
  /** The number of rotations of a derived secret; left out for credentials with other secrets. */
  readonly generation?: number;
}

/** An entry of `credentials.list()`. It never contains a secret. */
export interface CredentialSummary {
  readonly clientId: string;
  readonly realm: string;
  readonly kind: CredentialKind;
  readonly name?: string;
  readonly roles: readonly Role[];
  readonly status: CredentialStatus;
  /** Epoch ms. */
  readonly createdAt: number;
  /** The valid secrets, newest first. One that was rotated has an `expiresAt` (epoch ms). */
  readonly secrets: readonly { readonly createdAt: number; readonly expiresAt?: number }[];
}
