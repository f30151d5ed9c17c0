import { html } from 'hono/html';
import { ALL_ROLES, type Role, scopesOf } from '../storage/credential.ts';
import { type Column, table } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';
import { portalRightsOf } from './portal-right.ts';

const COLUMNS: readonly Column<Role>[] = [
  ['Role', (role) => role],
  ['API scopes', (role) => scopesOf([role]).join(', ') || 'none'],
  ['Portal', (role) => [...portalRightsOf([role])].join(', ') || 'only the own account'],
];

/** The rights of each role, and those of the user. */
export const rolePage: PortalPage = {
  method: 'GET',
  path: '/portal/roles',
  respond({ identity: { roles }, rights }) {
    const own = [...rights].join(', ') || 'only your own account';
    return {
      title: 'Roles and access rights',
      section: '/portal/roles',
      content: html`<section><h2>Yours</h2><p>Your roles: ${roles.join(', ')}. Your rights: ${own}.</p></section>
${table('Roles', ALL_ROLES, COLUMNS)}
<p class="hint">The names are invented: instellix documents that roles exist, but not which.</p>`,
    };
  },
};
