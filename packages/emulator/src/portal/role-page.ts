import { html } from 'hono/html';
import { ALL_ROLES, scopesOf } from '../storage/credential.ts';
import { badge, type Markup, matrix, table, time } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';
import { PORTAL_RIGHTS, portalRightsOf } from './portal-right.ts';

/** The rights of each role, and those of the user. */
export const rolePage: PortalPage = {
  method: 'GET',
  path: '/portal/roles',
  respond(request) {
    const scopes = scopesOf(ALL_ROLES);
    const heads = (kind: string): string[] => [kind, ...ALL_ROLES];
    const scopeRows = scopes.map((scope) => [
      html`<code>${scope}</code>`,
      ...ALL_ROLES.map((role) => mark(scopesOf([role]).includes(scope))),
    ]);
    const rightRows = PORTAL_RIGHTS.map((right) => [
      html`<code>${right}</code>`,
      ...ALL_ROLES.map((role) => mark(portalRightsOf([role]).has(right))),
    ]);
    const own = [...request.rights];
    return {
      title: 'Roles and access rights',
      section: '/portal/roles',
      content: html`<section><h2>Yours</h2>
<p>Your roles: ${request.identity.roles.join(', ')}. Your rights: ${
        own.length === 0 ? 'only your own account' : own.join(', ')
      }.</p></section>
<h2>On the API: the scopes of a token</h2>${matrix('Scopes by role', heads('Scope'), scopeRows)}
<h2>In the portal</h2>${matrix('Portal rights by role', heads('Right'), rightRows)}
<p class="hint">The names are invented: instellix documents that roles exist, but not which.</p>`,
    };
  },
};

function mark(holds: boolean): Markup {
  return holds ? badge('yes') : html`<span class="empty">no</span>`;
}

const PER_PAGE = 100;

/** The audit log. */
export const auditPage: PortalPage = {
  method: 'GET',
  path: '/portal/audit-log',
  right: 'audit:see',
  respond(request) {
    const before = Number(request.field('before'));
    const entries = request.state.audit.list(
      Number.isSafeInteger(before) && before > 0 ? before : Number.MAX_SAFE_INTEGER,
      PER_PAGE,
    );
    const rows = entries.map(({ at, actor, act, subject, outcome, detail }) => [
      time(at),
      actor,
      act,
      subject,
      badge(outcome),
      detail,
    ]);
    const last = entries.at(-1);
    const older =
      entries.length === PER_PAGE && last !== undefined
        ? html`<p><a href="/portal/audit-log?before=${last.id}">Older entries</a></p>`
        : '';
    return {
      title: 'Audit log',
      section: '/portal/audit-log',
      content: html`${table('Audit log', ['Time', 'Who', 'What', 'On', 'Outcome', 'Detail'], rows, 'No entries.')}${older}`,
    };
  },
};
