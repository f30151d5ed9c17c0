import { html } from 'hono/html';
import { randomSecret } from '../../credential/random-secret.ts';
import { readRoles } from '../../credential/role.ts';
import { invalid } from '../../input/invalid.ts';
import { readText } from '../../input/read-text.ts';
import { FIRST_USERNAME } from '../account/first-account.ts';
import { alert, field } from '../page/field.ts';
import { table, time } from '../page/markup.ts';
import type { PortalPage } from '../portal-page.ts';
import type { Reply } from '../reply.ts';
import { ROLES, roleChoices } from '../role/role-choices.ts';
import type { Visit } from '../visit.ts';
import { findUser, showUser, userPath } from './show-user.ts';

/** The users of the portal, and everything that can be done with them. */
export const userPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/users', right: 'users:see', answer: listUsers },
  {
    method: 'GET',
    path: '/portal/users/new',
    right: 'users:manage',
    answer: (visit) => showForm(visit, '', ['auditor']),
  },
  { method: 'POST', path: '/portal/users', right: 'users:manage', answer: create },
  { method: 'GET', path: '/portal/user', right: 'users:see', answer: (visit) => showUser(visit, findUser(visit)) },
  { method: 'POST', path: '/portal/user/roles', right: 'users:manage', answer: setRoles },
  { method: 'POST', path: '/portal/user/password', right: 'users:manage', answer: setPassword },
  { method: 'GET', path: '/portal/user/remove', right: 'users:manage', answer: confirmRemove },
  { method: 'POST', path: '/portal/user/remove', right: 'users:manage', answer: remove },
];

function listUsers(visit: Visit): Reply {
  const rows = visit.state.portalUsers
    .list()
    .map(({ username, roles, createdAt }) => [
      html`<a href="${userPath(username)}">${username}</a>`,
      roles.join(', '),
      time(createdAt),
    ]);
  const action = visit.may('users:manage')
    ? html`<p class="bar"><a class="button" href="/portal/users/new">New user</a></p>`
    : '';
  const hint = html`<p class="hint">Credentials for the portal sign in, too; they are among the credentials.</p>`;
  const content = html`${action}${table('Users', ['User', 'Roles', 'Since'], rows, 'No user yet.')}${hint}`;
  return { title: 'Users', section: '/portal/users', content };
}

function showForm(visit: Visit, username: string, roles: readonly string[], problem?: string): Reply {
  const fields = html`${field('username', 'User name', { value: username, isRequired: true })}${roleChoices(ROLES, roles)}
<p class="row"><button>Add user</button><a class="button quiet" href="/portal/users">Cancel</a></p>`;
  return {
    title: 'New user',
    section: '/portal/users',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${visit.form('/portal/users', fields)}</section>`,
  };
}

async function create(visit: Visit): Promise<Reply> {
  const { portalUsers, credentials, clock, digester } = visit.state;
  const given = visit.field('username');
  const chosen = visit.fields.getAll('roles');
  let subject = '';
  return visit.attempt(
    'add user',
    () => subject,
    async () => {
      const username = readText(given, 'username', 200);
      const roles = readRoles(chosen, 'roles', 'portal');
      if (portalUsers.find(username) !== undefined || credentials.find(username) !== undefined) {
        throw invalid('username', 'is taken; choose another');
      }
      const password = randomSecret();
      portalUsers.insert({
        username,
        roles,
        passwordDigest: digester.digest(password),
        createdAt: clock.now(),
      });
      subject = username;
      return showUser(visit, username, { password, status: 201 });
    },
    (problem) => showForm(visit, given, chosen, problem),
  );
}

function setRoles(visit: Visit): Promise<Reply> {
  const username = findUser(visit);
  return visit.attempt(
    'set roles of user',
    username,
    async () => {
      const roles = readRoles(visit.fields.getAll('roles'), 'roles', 'portal');
      if (username === FIRST_USERNAME)
        throw invalid('roles', 'of the first account stay: somebody must be able to manage');
      visit.state.portalUsers.setRoles(username, roles);
      return { to: userPath(username), notice: 'The roles are saved.' };
    },
    (problem) => showUser(visit, username, { problem }),
  );
}

function setPassword(visit: Visit): Promise<Reply> {
  const username = findUser(visit);
  return visit.attempt(
    'set password of user',
    username,
    async () => {
      if (username === FIRST_USERNAME) throw invalid('password', 'of the first account stays what the start printed');
      const password = randomSecret();
      visit.state.portalUsers.setPassword(username, visit.state.digester.digest(password));
      return showUser(visit, username, { password });
    },
    (problem) => showUser(visit, username, { problem }),
  );
}

function confirmRemove(visit: Visit): Reply {
  const username = findUser(visit);
  const buttons = html`<p class="row"><button class="danger">Remove user</button>
<a class="button quiet" href="${userPath(username)}">Cancel</a></p>`;
  const form = visit.form('/portal/user/remove', buttons, { name: username });
  return {
    title: `Remove ${username}?`,
    section: '/portal/users',
    content: html`<section><p>This user is signed out and cannot sign in again.</p>${form}</section>`,
  };
}

function remove(visit: Visit): Promise<Reply> {
  const username = findUser(visit);
  return visit.attempt(
    'remove user',
    username,
    async () => {
      if (username === FIRST_USERNAME) throw invalid('username', 'is that of the first account, which stays');
      visit.state.portalUsers.remove(username);
      visit.state.sessions.endOf(username);
      return { to: '/portal/users', notice: `${username} is removed.` };
    },
    (problem) => showUser(visit, username, { problem }),
  );
}
