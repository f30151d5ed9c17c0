import { invalid, shown } from './input/invalid.ts';
import { readList } from './input/read-list.ts';

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

const API_ROLES: readonly Role[] = ['reader', 'writer', 'none'];
const ALL_ROLES: readonly Role[] = [...API_ROLES, 'admin', 'auditor'];

/** The scopes that `roles` hold together, each once. */
export function scopesOf(roles: readonly Role[]): readonly string[] {
  return [...new Set(roles.flatMap((role) => SCOPES[role]))];
}

/** Every scope that some role holds. */
export const ROLES_SCOPES: readonly string[] = scopesOf(ALL_ROLES);

/** Reads a list of roles that a credential of `kind` may hold; at least one, each once. */
export function readRoles(value: unknown, where: string, kind: CredentialKind): Role[] {
  const choices = kind === 'api' ? API_ROLES : ALL_ROLES;
  const roles = readList(value, where, (role, place) => {
    if (kind === 'api' && (role === 'admin' || role === 'auditor')) {
      throw invalid(place, `"${role}" is a role of the portal; use kind "portal", or one of ${API_ROLES.join(', ')}`);
    }
    const known = choices.find((choice) => choice === role);
    if (known !== undefined) return known;
    const given = typeof role === 'string' ? `, not ${shown(role)}` : '';
    throw invalid(place, `must be one of ${choices.join(', ')}${given}`);
  });
  if (roles.length === 0) throw invalid(where, 'must hold at least one role; ["none"] grants nothing');
  if (new Set(roles).size !== roles.length) throw invalid(where, 'names a role twice');
  return roles;
}
