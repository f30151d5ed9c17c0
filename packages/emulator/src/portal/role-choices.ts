import { type Role, scopesOf } from '../state/role.ts';
import { choices } from './page/field.ts';
import type { Markup } from './page/markup.ts';
import { portalRightsOf } from './portal-right.ts';

/** The roles for the API, then those for the portal. */
export const API_ROLES: readonly Role[] = ['reader', 'writer', 'none'];
/** All roles. */
export const ROLES: readonly Role[] = [...API_ROLES, 'admin', 'auditor'];

/** Boxes to tick for `roles`, each with what it allows. */
export function roleChoices(roles: readonly Role[], chosen: readonly string[]): Markup {
  return choices(
    'checkbox',
    'roles',
    'Roles',
    roles.map((role) => [role, role, describeRole(role)]),
    chosen,
  );
}

function describeRole(role: Role): string {
  const scopes = scopesOf([role]);
  const rights = [...portalRightsOf([role])];
  if (scopes.length > 0) return scopes.join(', ');
  if (rights.length > 0) return `portal only: ${rights.join(', ')}`;
  return 'no access rights';
}
