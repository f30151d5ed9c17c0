import { html } from 'hono/html';
import { authenticate, findIdentity } from './identity.ts';
import { alert, field } from './page/markup.ts';
import type { PortalContext, PortalResponse } from './portal-page.ts';

/** The id of a new session, or the reason why the sign-in failed. */
export type SignIn =
  | { readonly sessionId: string }
  | { readonly problem: string; readonly status: 403 | 429; readonly retryAfterSeconds?: number };

/** Checks a user name and a password, starts a session, and records the outcome in the audit log. */
export function signIn({ state }: PortalContext, username: string, password: string): SignIn {
  const { digester, sessions, signInDelay } = state;
  const waitMs = signInDelay.waitFor(username);
  // An unknown name is not recorded, because it may be a password in the wrong field.
  const subject = findIdentity(state, username) === undefined ? '(unknown)' : username;
  const refused = { actor: 'anonymous', act: 'sign in', subject, outcome: 'refused' } as const;
  if (waitMs > 0) {
    state.record({ ...refused, detail: 'too many attempts' });
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    const wait = retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`;
    return { status: 429, problem: `Too many wrong passwords. Try again in ${wait}.`, retryAfterSeconds };
  }
  const digest = digester.digest(password);
  if (authenticate(state, username, digest) === undefined) {
    signInDelay.fail(username);
    state.record({ ...refused, detail: 'wrong user name or password' });
    // Not 401, which requires a WWW-Authenticate header (RFC 9110 section 15.5.2).
    return { status: 403, problem: 'The user name or the password is wrong.' };
  }
  signInDelay.succeed(username);
  state.record({ actor: username, act: 'sign in', subject: username });
  return { sessionId: sessions.start(username, digest) };
}

/** The notices of the page, by the query parameter `why`. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['changed', 'The password was changed. Sign in with the new one.'],
  ['reset', 'The emulator was reset, which ended all sessions.'],
  ['ended', 'You are signed out.'],
]);

/** The sign-in page. It does not repeat the entered name, which may be a password in the wrong field. */
export function signInPage(
  why: string | null,
  refusal?: { readonly problem: string; readonly status: number },
): PortalResponse {
  const reason = REASONS.get(why ?? '');
  return {
    title: 'instellix portal',
    status: refusal?.status ?? 200,
    content: html`<div class="narrow">${alert(refusal?.problem)}${
      reason === undefined ? '' : html`<p class="notice" role="status">${reason}</p>`
    }<section><form method="post" action="/portal/sign-in">
${field('username', 'User name', { autocomplete: 'username', isRequired: true })}
${field('password', 'Password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
<button>Sign in</button>
</form></section></div>`,
  };
}
