import { html } from 'hono/html';
import { FIRST_USERNAME, roles as rolesSchema } from '../state/schemas.ts';
import { randomSecret } from '../state/secrets.ts';
import { username as usernameSchema } from '../state/seed.ts';
import { invalid, validate } from '../state/validate.ts';
import { ALL_ROLES } from '../storage/credential.ts';
import { alert, field, table, time } from './page/markup.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';
import { roleChoices } from './portal-right.ts';
import { findUser, showUser, userPath } from './show-user.ts';

/** The pages of the portal users, and their actions. */
export const userPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/users', right: 'users:see', respond: listUsers },
  {
    method: 'GET',
    path: '/portal/users/new',
    right: 'users:manage',
    respond: (request) => showForm(request, '', ['auditor']),
  },
  { method: 'POST', path: '/portal/users', right: 'users:manage', respond: create },
  {
    method: 'GET',
    path: '/portal/user',
    right: 'users:see',
    respond: (request) => showUser(request, findUser(request).username),
  },
  { method: 'POST', path: '/portal/user/roles', right: 'users:manage', respond: setRoles },
  { method: 'POST', path: '/portal/user/password', right: 'users:manage', respond: setPassword },
  { method: 'GET', path: '/portal/user/remove', right: 'users:manage', respond: confirmRemove },
  { method: 'POST', path: '/portal/user/remove', right: 'users:manage', respond: remove },
];

function listUsers(request: PortalRequest): PortalResponse {
  const rows = request.state.portalUsers
    .list()
    .map(({ username, roles, createdAt }) => [
      html`<a href="${userPath(username)}">${username}</a>`,
      roles.join(', '),
      time(createdAt),
    ]);
  const action = request.may('users:manage')
    ? html`<p class="bar"><a class="button" href="/portal/users/new">New user</a></p>`
    : '';
  const hint = html`<p class="hint">Credentials for the portal can sign in as well. The page Credentials lists them.</p>`;
  const content = html`${action}${table('Users', ['User', 'Roles', 'Since'], rows, 'No users yet.')}${hint}`;
  return { title: 'Users', section: '/portal/users', content };
}

function showForm(
  request: PortalRequest,
  username: string,
  roles: readonly string[],
  problem?: string,
): PortalResponse {
  const fields = html`${field('username', 'User name', { value: username, isRequired: true })}${roleChoices(ALL_ROLES, roles)}
<p class="row"><button>Add user</button><a class="button quiet" href="/portal/users">Cancel</a></p>`;
  return {
    title: 'New user',
    section: '/portal/users',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${request.form('/portal/users', fields)}</section>`,
  };
}

async function create(request: PortalRequest): Promise<PortalResponse> {
  const { portalUsers, credentials, clock, digester } = request.state;
  const given = request.field('username');
  const chosen = request.fields.getAll('roles');
  let subject = '';
  return request.attempt(
    'add user',
    () => subject,
    async () => {
      const username = validate(usernameSchema, given, 'username');
      const roles = validate(rolesSchema, chosen, 'roles');
      if (portalUsers.find(username) !== undefined || credentials.find(username) !== undefined) {
        throw invalid('username', 'is the name of another user or credential; choose another one');
      }
      const password = randomSecret();
      portalUsers.insert({
        username,
        roles,
        passwordDigest: digester.digest(password),
        createdAt: clock.now(),
      });
      subject = username;
      return showUser(request, username, { password, status: 201 });
    },
    (problem) => showForm(request, given, chosen, problem),
  );
}

function setRoles(request: PortalRequest): Promise<PortalResponse> {
  const { username } = findUser(request);
  return request.attempt(
    'set roles of user',
    username,
    async () => {
      const roles = validate(rolesSchema, request.fields.getAll('roles'), 'roles');
      if (username === FIRST_USERNAME)
        throw invalid('roles', 'of the first account cannot be changed, so that one admin always exists');
      request.state.portalUsers.setRoles(roles, username);
      return { to: userPath(username), notice: 'The roles were saved.' };
    },
    (problem) => showUser(request, username, { problem }),
  );
}

function setPassword(request: PortalRequest): Promise<PortalResponse> {
  const { username } = findUser(request);
  return request.attempt(
    'set password of user',
    username,
    async () => {
      if (username === FIRST_USERNAME)
        throw invalid('password', 'of the first account cannot be changed; the emulator prints it at the start');
      const password = randomSecret();
      request.state.portalUsers.setPassword(request.state.digester.digest(password), username);
      return showUser(request, username, { password });
    },
    (problem) => showUser(request, username, { problem }),
  );
}

function confirmRemove(request: PortalRequest): PortalResponse {
  const { username } = findUser(request);
  const buttons = html`<p class="row"><button class="danger">Remove user</button>
<a class="button quiet" href="${userPath(username)}">Cancel</a></p>`;
  const form = request.form('/portal/user/remove', buttons, { name: username });
  return {
    title: `Remove ${username}?`,
    section: '/portal/users',
    content: html`<section><p>All sessions of this user end, and the user cannot sign in again.</p>${form}</section>`,
  };
}

function remove(request: PortalRequest): Promise<PortalResponse> {
  const { username } = findUser(request);
  return request.attempt(
    'remove user',
    username,
    async () => {
      if (username === FIRST_USERNAME)
        throw invalid('username', 'is that of the first account, which cannot be removed');
      request.state.portalUsers.remove(username);
      request.state.sessions.endWhere((session) => session.username === username);
      return { to: '/portal/users', notice: `${username} was removed.` };
    },
    (problem) => showUser(request, username, { problem }),
  );
}
