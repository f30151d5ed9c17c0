import { html } from 'hono/html';
import { FIRST_USERNAME } from '../state/schemas.ts';
import { password } from '../state/seed.ts';
import { invalid, validate } from '../state/validate.ts';
import { scopesOf } from '../storage/credential.ts';
import { authenticate } from './identity.ts';
import { alert, facts, field, type Markup } from './page/markup.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';

/** The pages of the user's own account. */
export const accountPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/account', respond: (request) => show(request) },
  { method: 'POST', path: '/portal/account/password', respond: changePassword },
  {
    method: 'POST',
    path: '/portal/account/sessions',
    respond(request) {
      const { identity, session, state } = request;
      const ended = state.sessions.endWhere((other) => other.username === identity.username && other !== session);
      request.record('end other sessions', identity.username, `${ended} ended`);
      return {
        to: '/portal/account',
        notice: ended === 1 ? 'One other session was ended.' : `${ended} other sessions were ended.`,
      };
    },
  },
];

function show(request: PortalRequest, problem?: string): PortalResponse {
  const { username, roles } = request.identity;
  const rights = [...scopesOf(roles), ...request.rights];
  const sessions = request.state.sessions.countOf(username);
  const about = facts([
    ['Signed in as', username],
    ['Roles', roles.join(', ')],
    ['Effective rights', rights.length === 0 ? 'none' : rights.join(', ')],
    ['Sessions', String(sessions)],
  ]);
  return {
    title: 'Account',
    section: '/portal/account',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${about}</section><section><h2>Password</h2>${passwordForm(request)}</section>
<section><h2>Sessions</h2><p>A session ends 30 minutes after its last use, and 12 hours after the sign-in.</p>
${request.form('/portal/account/sessions', html`<button class="quiet">End all other sessions</button>`)}</section>`,
  };
}

function passwordForm(request: PortalRequest): Markup {
  if (request.identity.kind === 'credential')
    return html`<p>You are signed in with a credential. To change its secret, rotate it.</p>`;
  if (request.identity.username === FIRST_USERNAME) {
    return html`<p>The emulator prints the password of the first account when it starts. It cannot be changed.</p>`;
  }
  return request.form(
    '/portal/account/password',
    html`${field('current', 'Current password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
${field('next', 'New password', { type: 'password', autocomplete: 'new-password', isRequired: true })}
<button>Change password</button>`,
  );
}

function changePassword(request: PortalRequest): Promise<PortalResponse> {
  const { username, kind } = request.identity;
  const { signInDelay, digester, portalUsers } = request.state;
  return request.attempt(
    'change password',
    username,
    async () => {
      if (kind === 'credential' || username === FIRST_USERNAME)
        throw invalid('password', 'of this account cannot be changed');
      const next = validate(password, request.fields.get('next') ?? '', 'password');
      // The delay also applies here: an unattended browser must not allow unlimited guesses.
      if (signInDelay.waitFor(username) > 0) throw invalid('password', 'was wrong too often; try again in a minute');
      const current = digester.digest(request.fields.get('current') ?? '');
      if (authenticate(request.state, username, current) === undefined) {
        signInDelay.fail(username);
        throw invalid('password', 'is wrong; enter your current password');
      }
      signInDelay.succeed(username);
      // This ends all sessions of the user, because they were started with the old password.
      portalUsers.setPassword(digester.digest(next), username);
      return { to: '/portal/sign-in?why=changed' };
    },
    (problem) => show(request, problem),
  );
}
