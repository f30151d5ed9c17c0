import { html } from 'hono/html';
import { scopesOf } from '../../credential/role.ts';
import { invalid } from '../../input/invalid.ts';
import { readText } from '../../input/read-text.ts';
import { alert, field } from '../page/field.ts';
import { facts, type Markup } from '../page/markup.ts';
import type { PortalPage } from '../portal-page.ts';
import type { Reply } from '../reply.ts';
import type { Visit } from '../visit.ts';
import { FIRST_USERNAME } from './first-account.ts';
import { authenticate } from './identity.ts';

/** The visitor's own account. */
export const accountPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/account', answer: (visit) => show(visit) },
  { method: 'POST', path: '/portal/account/password', answer: changePassword },
  {
    method: 'POST',
    path: '/portal/account/sessions',
    answer(visit) {
      const ended = visit.state.sessions.endOf(visit.identity.username, visit.session);
      visit.record('end other sessions', visit.identity.username, `${ended} ended`);
      return {
        to: '/portal/account',
        notice: ended === 1 ? 'One other session has ended.' : `${ended} other sessions have ended.`,
      };
    },
  },
];

function show(visit: Visit, problem?: string): Reply {
  const { username, roles } = visit.identity;
  const rights = [...scopesOf(roles), ...visit.rights];
  const sessions = visit.state.sessions.countOf(username, visit.state.clock.now());
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
    content: html`${alert(problem)}<section>${about}</section><section><h2>Password</h2>${passwordForm(visit)}</section>
<section><h2>Sessions</h2><p>A session ends after half an hour without use, and after twelve hours in any case.</p>
${visit.form('/portal/account/sessions', html`<button class="quiet">End all other sessions</button>`)}</section>`,
  };
}

function passwordForm(visit: Visit): Markup {
  if (visit.identity.kind === 'credential')
    return html`<p>This is a credential: its secret is rotated, not changed.</p>`;
  if (visit.identity.username === FIRST_USERNAME) {
    return html`<p>The password of the first account is the one that the start of the emulator prints.</p>`;
  }
  return visit.form(
    '/portal/account/password',
    html`${field('current', 'Current password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
${field('next', 'New password', { type: 'password', autocomplete: 'new-password', isRequired: true })}
<button>Change password</button>`,
  );
}

function changePassword(visit: Visit): Promise<Reply> {
  const { username, kind } = visit.identity;
  const { signInDelay, clock, digester, portalUsers } = visit.state;
  return visit.attempt(
    'change password',
    username,
    async () => {
      if (kind === 'credential' || username === FIRST_USERNAME) throw invalid('password', 'cannot be changed here');
      const next = readText(visit.fields.get('next') ?? '', 'password', 1_000);
      // A browser that was left alone is no way to guess without the delay.
      if (signInDelay.waitFor(username, clock.now()) > 0)
        throw invalid('password', 'was wrong too often; try again later');
      const current = digester.digest(visit.fields.get('current') ?? '');
      if (authenticate(visit.state, username, current) === undefined) {
        signInDelay.fail(username, clock.now());
        throw invalid('password', 'is not the current one');
      }
      signInDelay.succeed(username);
      // This ends all of the user's sessions: they were started with the password that no longer works.
      portalUsers.setPassword(username, digester.digest(next));
      return { to: '/portal/sign-in?why=changed' };
    },
    (problem) => show(visit, problem),
  );
}
