import { html } from 'hono/html';
import { ALL_ROLES, ALL_SCOPES, type Role } from '../storage/credential.ts';
import { badge, type Column, type Markup, table } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';
import { allRightsOf, PORTAL_RIGHTS } from './portal-right.ts';

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
<h2>On the API: the scopes of a token</h2>${rightsByRole('Scopes by role', 'Scope', ALL_SCOPES)}
<h2>In the portal</h2>${rightsByRole('Portal rights by role', 'Right', PORTAL_RIGHTS)}
<p class="hint">The names are invented: instellix documents that roles exist, but not which.</p>`,
    };
  },
};

function rightsByRole(label: string, head: string, rights: readonly string[]): Markup {
  const toColumn = (role: Role): Column<string> => [
    role,
    (right) => (allRightsOf([role]).includes(right) ? badge('yes') : html`<span class="empty">no</span>`),
  ];
  return table(label, rights, [[head, (right) => html`<code>${right}</code>`], ...ALL_ROLES.map(toColumn)]);
}
