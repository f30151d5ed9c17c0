import { type Role, scopesOf } from '../storage/credential.ts';
import { choices, type Markup } from './page/markup.ts';

const SEE = ['credentials:see', 'users:see', 'tokens:see', 'audit:see'] as const;
const MANAGE = ['credentials:manage', 'users:manage', 'tokens:revoke', 'emulator:control'] as const;

/** A right in the portal. Invented, as the roles are. */
export type PortalRight = (typeof SEE)[number] | (typeof MANAGE)[number];

const RIGHTS: Readonly<Record<Role, readonly PortalRight[]>> = {
  reader: [],
  writer: [],
  none: [],
  auditor: SEE,
  admin: [...SEE, ...MANAGE],
};

/** The rights of `roles` together (F12). */
export function portalRightsOf(roles: readonly Role[]): ReadonlySet<PortalRight> {
  return new Set(roles.flatMap((role) => RIGHTS[role]));
}

/** Check boxes for `roles`, each with its rights. */
export function roleChoices(roles: readonly Role[], chosen: readonly string[]): Markup {
  const options = roles.map((role) => [role, role, describeRole(role)] as const);
  return choices('checkbox', 'roles', 'Roles', options, chosen);
}

function describeRole(role: Role): string {
  const isOfPortal = portalRightsOf([role]).size > 0;
  return `${isOfPortal ? 'portal only: ' : ''}${allRightsOf([role]).join(', ') || 'no rights'}`;
}

/** The scopes on the API and the rights in the portal of `roles` together. */
export function allRightsOf(roles: readonly Role[]): readonly string[] {
  return [...scopesOf(roles), ...portalRightsOf(roles)];
}
