import { type Role, scopesOf } from '../storage/credential.ts';
import { choices, type Markup } from './page/markup.ts';

/** A right in the portal. Invented, as the roles are. */
export type PortalRight =
  | 'credentials:see'
  | 'credentials:manage'
  | 'users:see'
  | 'users:manage'
  | 'tokens:see'
  | 'tokens:revoke'
  | 'audit:see'
  | 'emulator:steer';

const SEE: readonly PortalRight[] = ['credentials:see', 'users:see', 'tokens:see', 'audit:see'];

const RIGHTS: Readonly<Record<Role, readonly PortalRight[]>> = {
  reader: [],
  writer: [],
  none: [],
  auditor: SEE,
  admin: [...SEE, 'credentials:manage', 'users:manage', 'tokens:revoke', 'emulator:steer'],
};

/** All rights, in the order in which they are shown. */
export const PORTAL_RIGHTS: readonly PortalRight[] = [
  'credentials:see',
  'credentials:manage',
  'users:see',
  'users:manage',
  'tokens:see',
  'tokens:revoke',
  'audit:see',
  'emulator:steer',
];

/** The rights that `roles` hold together (F12). */
export function portalRightsOf(roles: readonly Role[]): ReadonlySet<PortalRight> {
  return new Set(roles.flatMap((role) => RIGHTS[role]));
}

/** Boxes to tick for `roles`, each with what it allows. */
export function roleChoices(roles: readonly Role[], chosen: readonly string[]): Markup {
  const options = roles.map((role) => [role, role, describeRole(role)] as const);
  return choices('checkbox', 'roles', 'Roles', options, chosen);
}

function describeRole(role: Role): string {
  const scopes = scopesOf([role]);
  const rights = [...portalRightsOf([role])];
  if (scopes.length > 0) return scopes.join(', ');
  return rights.length > 0 ? `portal only: ${rights.join(', ')}` : 'no access rights';
}
