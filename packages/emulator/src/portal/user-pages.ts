import { html } from 'hono/html';
import { FIRST_USERNAME, roles as rolesSchema } from '../state/schemas.ts';
import { randomSecret } from '../state/secrets.ts';
import { username as usernameSchema } from '../state/seed.ts';
import { invalid, validate } from '../state/validate.ts';
import { ALL_ROLES } from '../storage/credential.ts';
import type { PortalUser } from '../storage/rows.ts';
import { facts, field, type Markup, secretsShownOnce, table, time } from './page/markup.ts';
import {
  confirmed,
  onSubmit,
  type PageContent,
  type PortalAction,
  type PortalPage,
  type PortalRequest,
  type PortalResponse,
} from './portal-page.ts';
import { allRightsOf, roleChoices } from './portal-right.ts';

const USERS = '/portal/users';

/** The pages of the portal users, and their actions. */
export const userPages: readonly PortalPage[] = [
  { method: 'GET', path: USERS, right: 'users:see', respond: list },
  { method: 'GET', path: `${USERS}/new`, right: 'users:manage', respond: showForm },
  onSubmit({ path: USERS, right: 'users:manage', act: 'add user', run: create, show: showForm }),
  {
    method: 'GET',
    path: '/portal/user',
    right: 'users:see',
    respond: (request) => show(request, findUser(request).username),
  },
  onUser('roles', 'set roles of user', ({ state, fields }, username) => {
    state.portalUsers.setRoles(validate(rolesSchema, fields.getAll('roles'), 'roles'), username);
    return { to: pathOf(username), notice: 'The roles were saved.' };
  }),
  onUser('password', 'set password of user', (request, username) => {
    const { portalUsers, digester } = request.state;
    const password = randomSecret();
    portalUsers.setPassword(digester.digest(password), username);
    return show(request, username, password);
  }),
  ...confirmed(
    onUser('remove', 'remove user', ({ state }, username) => {
      state.portalUsers.remove(username);
      state.sessions.endWhere((session) => session.username === username);
      return { to: USERS, notice: `${username} was removed.` };
    }),
    (request) => {
      const { username } = findUser(request);
      return {
        title: `Remove ${username}?`,
        section: USERS,
        warning: 'All sessions of this user end, and the user cannot sign in again.',
        button: 'Remove user',
        cancel: pathOf(username),
      };
    },
  ),
];

function pathOf(username: string, act = ''): string {
  return `/portal/user${act}?name=${encodeURIComponent(username)}`;
}

function findUser({ state, fields }: PortalRequest): PortalUser {
  const user = state.portalUsers.find(fields.get('name') ?? '');
  if (user === undefined) throw invalid('name', 'no user has this name');
  return user;
}

function onUser(name: string, act: string, run: PortalAction['run']): PortalPage {
  return onSubmit({
    path: `/portal/user/${name}`,
    right: 'users:manage',
    act,
    find: (request) => findUser(request).username,
    run(request, username) {
      if (username === FIRST_USERNAME) {
        throw invalid('username', 'is that of the first account, which always exists and cannot be changed');
      }
      return run(request, username);
    },
    show,
  });
}

function list(request: PortalRequest): PageContent {
  const users = table(
    'Users',
    request.state.portalUsers.list(),
    [
      ['User', ({ username }) => html`<a href="${pathOf(username)}">${username}</a>`],
      ['Roles', ({ roles }) => roles.join(', ')],
      ['Since', ({ createdAt }) => time(createdAt)],
    ],
    'No users yet.',
  );
  const action = request.rights.has('users:manage')
    ? html`<p class="row"><a class="button" href="${USERS}/new">New user</a></p>`
    : '';
  const hint = html`<p class="hint">Credentials for the portal can sign in as well. The page Credentials lists them.</p>`;
  return { title: 'Users', section: USERS, content: html`${action}${users}${hint}` };
}

/** The form for a new user, with the values of a rejected one. */
function showForm(request: PortalRequest): PageContent {
  const { fields } = request;
  const roles = fields.has('form') ? fields.getAll('roles') : ['auditor'];
  const content = html`${field('username', 'User name', { value: request.field('username'), isRequired: true })}
${roleChoices(ALL_ROLES, roles)}
<p class="row"><button>Add user</button><a class="button quiet" href="${USERS}">Cancel</a></p>`;
  return { title: 'New user', section: USERS, content: html`<section>${request.form(USERS, content)}</section>` };
}

function create(request: PortalRequest): PortalResponse {
  const { portalUsers, credentials, clock, digester } = request.state;
  const username = validate(usernameSchema, request.field('username'), 'username');
  const roles = validate(rolesSchema, request.fields.getAll('roles'), 'roles');
  if (portalUsers.find(username) !== undefined || credentials.find(username) !== undefined) {
    throw invalid('username', 'is the name of another user or credential; choose another one');
  }
  const password = randomSecret();
  portalUsers.insert({ username, roles, passwordDigest: digester.digest(password), createdAt: clock.now() });
  return { ...show(request, username, password), status: 201, recorded: { subject: username } };
}

/** The page of a user. `password` is a new one: only this response shows it. */
function show(request: PortalRequest, username: string, password?: string): PageContent {
  const { roles, createdAt } = request.state.portalUsers.find(username) as PortalUser;
  const about = facts([
    ['User', username],
    ['Roles', roles.join(', ')],
    ['Effective rights', allRightsOf(roles).join(', ') || 'none'],
    ['Since', time(createdAt)],
  ]);
  const message = html`<strong>Copy the password now.</strong> It is not shown again. The user can change it under Account.`;
  const mayManage = request.rights.has('users:manage') && username !== FIRST_USERNAME;
  return {
    title: username,
    section: USERS,
    content: html`${password === undefined ? '' : secretsShownOnce(message, ['new-password', 'New password', password])}
<section>${about}</section>${mayManage ? manage(request, username, roles) : ''}`,
  };
}

function manage(request: PortalRequest, username: string, roles: readonly string[]): Markup {
  const name = { name: username };
  const rolesForm = html`${roleChoices(ALL_ROLES, roles)}<button>Save roles</button>`;
  return html`<section><h2>Access rights</h2>${request.form('/portal/user/roles', rolesForm, name)}</section>
<section><h2>Password</h2><p>A new password ends all sessions of the user.</p>
${request.form('/portal/user/password', html`<button class="quiet">Set a new password</button>`, name)}</section>
<section><h2>End of use</h2><a class="button quiet" href="${pathOf(username, '/remove')}">Remove user</a></section>`;
}
