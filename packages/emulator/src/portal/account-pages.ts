import { html } from 'hono/html';
import { FIRST_USERNAME } from '../state/schemas.ts';
import { password } from '../state/seed.ts';
import { invalid, validate } from '../state/validate.ts';
import { ALL_ROLES, type Role, scopesOf } from '../storage/credential.ts';
import { type Column, facts, field, type Markup, table } from './page/markup.ts';
import { onSubmit, type PageContent, type PortalPage, type PortalRequest } from './portal-page.ts';
import { allRightsOf, portalRightsOf } from './portal-right.ts';
import { authenticate } from './sign-in.ts';

const PATH = '/portal/account';

/** The pages of the user's own account, and of what roles permit. */
export const accountPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/roles', respond: showRoles },
  { method: 'GET', path: PATH, respond: show },
  onSubmit({ path: `${PATH}/password`, act: 'change password', find: ownName, run: changePassword, show }),
  onSubmit({
    path: `${PATH}/sessions`,
    act: 'end other sessions',
    find: ownName,
    run({ session, state }, username) {
      const ended = state.sessions.endWhere((other) => other.username === username && other !== session);
      const notice = ended === 1 ? 'One other session was ended.' : `${ended} other sessions were ended.`;
      return { to: PATH, notice, recorded: { detail: `${ended} ended` } };
    },
    show,
  }),
];

const ROLE_COLUMNS: readonly Column<Role>[] = [
  ['Role', (role) => role],
  ['API scopes', (role) => scopesOf([role]).join(', ') || 'none'],
  ['Portal', (role) => [...portalRightsOf([role])].join(', ') || 'only the own account'],
];

function showRoles({ identity: { roles }, rights }: PortalRequest): PageContent {
  const own = [...rights].join(', ') || 'only your own account';
  return {
    title: 'Roles and access rights',
    section: '/portal/roles',
    content: html`<section><h2>Yours</h2><p>Your roles: ${roles.join(', ')}. Your rights: ${own}.</p></section>
${table('Roles', ALL_ROLES, ROLE_COLUMNS)}
<p class="hint">The names are invented: instellix documents that roles exist, but not which.</p>`,
  };
}

function ownName({ identity }: PortalRequest): string {
  return identity.username;
}

function show(request: PortalRequest): PageContent {
  const { username, roles } = request.identity;
  const about = facts([
    ['Signed in as', username],
    ['Roles', roles.join(', ')],
    ['Effective rights', allRightsOf(roles).join(', ') || 'none'],
    ['Sessions', String(request.state.sessions.countOf(username))],
  ]);
  return {
    title: 'Account',
    section: PATH,
    content: html`<section>${about}</section><section><h2>Password</h2>${passwordForm(request)}</section>
<section><h2>Sessions</h2><p>A session ends 30 minutes after its last use, and 12 hours after the sign-in.</p>
${request.form(`${PATH}/sessions`, html`<button class="quiet">End all other sessions</button>`)}</section>`,
  };
}

function passwordForm(request: PortalRequest): Markup {
  if (request.identity.kind === 'credential')
    return html`<p>You are signed in with a credential. To change its secret, rotate it.</p>`;
  if (request.identity.username === FIRST_USERNAME) {
    return html`<p>The emulator prints the password of the first account when it starts. It cannot be changed.</p>`;
  }
  return request.form(
    `${PATH}/password`,
    html`${field('current', 'Current password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
${field('next', 'New password', { type: 'password', autocomplete: 'new-password', isRequired: true })}
<button>Change password</button>`,
  );
}

function changePassword({ identity, fields, state }: PortalRequest, username: string) {
  const { signInDelay, digester, portalUsers } = state;
  if (identity.kind === 'credential' || username === FIRST_USERNAME)
    throw invalid('password', 'of this account cannot be changed');
  const next = validate(password, fields.get('next') ?? '', 'password');
  // The delay also applies here: an unattended browser must not allow unlimited guesses.
  if (signInDelay.waitFor(username) > 0) throw invalid('password', 'was wrong too often; try again in a minute');
  if (authenticate(state, username, digester.digest(fields.get('current') ?? '')) === undefined) {
    signInDelay.fail(username);
    throw invalid('password', 'is wrong; enter your current password');
  }
  signInDelay.succeed(username);
  // This ends all sessions of the user, because they were started with the old password.
  portalUsers.setPassword(digester.digest(next), username);
  return { to: '/portal/sign-in?why=changed' };
}
