import { html } from 'hono/html';
import { scopesOf } from '../../credential/role.ts';
import { invalid } from '../../input/invalid.ts';
import { FIRST_USERNAME } from '../account/first-account.ts';
import { alert, output } from '../page/field.ts';
import { facts, type Markup, time } from '../page/markup.ts';
import type { Reply } from '../reply.ts';
import { portalRightsOf } from '../role/portal-right.ts';
import { ROLES, roleChoices } from '../role/role-choices.ts';
import type { Visit } from '../visit.ts';

/** Where a user has a page. */
export function userPath(username: string, act = ''): string {
  return `/portal/user${act}?name=${encodeURIComponent(username)}`;
}

/** The user of whom a visit speaks. @throws InvalidInput */
export function findUser(visit: Visit): string {
  const username = visit.fields.get('name') ?? '';
  if (visit.state.portalUsers.find(username) === undefined) throw invalid('name', 'no user has this name');
  return username;
}

/** The page of one user. */
export function showUser(
  visit: Visit,
  username: string,
  extras: { readonly password?: string; readonly problem?: string; readonly status?: number } = {},
): Reply {
  const user = visit.state.portalUsers.find(username);
  if (user === undefined) throw invalid('name', 'no user has this name');
  const rights = [...scopesOf(user.roles), ...portalRightsOf(user.roles)];
  const { password, problem, status = problem === undefined ? 200 : 400 } = extras;
  const about = facts([
    ['User', username],
    ['Roles', user.roles.join(', ')],
    ['Effective rights', rights.length === 0 ? 'none' : rights.join(', ')],
    ['Since', time(user.createdAt)],
  ]);
  const mayManage = visit.may('users:manage') && username !== FIRST_USERNAME;
  return {
    title: username,
    section: '/portal/users',
    status,
    content: html`${alert(problem)}${password === undefined ? '' : newPassword(password)}<section>${about}</section>${
      mayManage ? manage(visit, username, user.roles) : ''
    }`,
  };
}

function newPassword(password: string): Markup {
  return html`<div class="once" role="status"><p><strong>Copy the password now.</strong> It is shown this once and never
again. Its owner can change it under Account.</p>${output('new-password', 'New password', password)}</div>`;
}

function manage(visit: Visit, username: string, roles: readonly string[]): Markup {
  const name = { name: username };
  const rolesForm = html`${roleChoices(ROLES, roles)}<button>Save roles</button>`;
  return html`<section><h2>Access rights</h2>${visit.form('/portal/user/roles', rolesForm, name)}</section>
<section><h2>Password</h2><p>A new one signs the user out everywhere.</p>
${visit.form('/portal/user/password', html`<button class="quiet">Set a new password</button>`, name)}</section>
<section><h2>End of use</h2><a class="button danger" href="${userPath(username, '/remove')}">Remove user</a></section>`;
}
