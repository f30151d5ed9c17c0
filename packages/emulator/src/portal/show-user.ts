import { html } from 'hono/html';
import { FIRST_USERNAME } from '../state/schemas.ts';
import { invalid } from '../state/validate.ts';
import { ALL_ROLES, scopesOf } from '../storage/credential.ts';
import type { PortalUser } from '../storage/rows.ts';
import { alert, facts, type Markup, output, time } from './page/markup.ts';
import type { PortalRequest, PortalResponse } from './portal-page.ts';
import { portalRightsOf, roleChoices } from './portal-right.ts';

/** The path of the page of a user. */
export function userPath(username: string, act = ''): string {
  return `/portal/user${act}?name=${encodeURIComponent(username)}`;
}

/** Finds a user, by default the one in the field `name`. @throws InvalidInput */
export function findUser(request: PortalRequest, username = request.fields.get('name') ?? ''): PortalUser {
  const user = request.state.portalUsers.find(username);
  if (user === undefined) throw invalid('name', 'no user has this name');
  return user;
}

/** The page of a user. */
export function showUser(
  request: PortalRequest,
  username: string,
  extras: { readonly password?: string; readonly problem?: string; readonly status?: number } = {},
): PortalResponse {
  const user = findUser(request, username);
  const rights = [...scopesOf(user.roles), ...portalRightsOf(user.roles)];
  const { password, problem, status = problem === undefined ? 200 : 400 } = extras;
  const about = facts([
    ['User', username],
    ['Roles', user.roles.join(', ')],
    ['Effective rights', rights.length === 0 ? 'none' : rights.join(', ')],
    ['Since', time(user.createdAt)],
  ]);
  const mayManage = request.may('users:manage') && username !== FIRST_USERNAME;
  return {
    title: username,
    section: '/portal/users',
    status,
    content: html`${alert(problem)}${password === undefined ? '' : newPassword(password)}<section>${about}</section>${
      mayManage ? manage(request, username, user.roles) : ''
    }`,
  };
}

function newPassword(password: string): Markup {
  return html`<div class="once" role="status"><p><strong>Copy the password now.</strong> It is not shown again. The user
can change it under Account.</p>${output('new-password', 'New password', password)}</div>`;
}

function manage(request: PortalRequest, username: string, roles: readonly string[]): Markup {
  const name = { name: username };
  const rolesForm = html`${roleChoices(ALL_ROLES, roles)}<button>Save roles</button>`;
  return html`<section><h2>Access rights</h2>${request.form('/portal/user/roles', rolesForm, name)}</section>
<section><h2>Password</h2><p>A new password ends all sessions of the user.</p>
${request.form('/portal/user/password', html`<button class="quiet">Set a new password</button>`, name)}</section>
<section><h2>End of use</h2><a class="button danger" href="${userPath(username, '/remove')}">Remove user</a></section>`;
}
