import { timingSafeEqual } from 'node:crypto';
import { html } from 'hono/html';
import type { EmulatorState } from '../state/emulator-state.ts';
import { NO_DIGEST } from '../state/secrets.ts';
import { field } from './page/markup.ts';
import type { Identity, PageContent } from './portal-page.ts';

/** Finds the account with this name, if it may sign in. A user takes precedence over a credential of the same name. */
function findIdentity({ portalUsers, credentials, secrets, clock }: EmulatorState, username: string) {
  const user = portalUsers.find(username);
  if (user !== undefined) {
    const { roles, passwordDigest = NO_DIGEST } = user;
    return { kind: 'user', username, roles, digests: [passwordDigest] } as const;
  }
  const credential = credentials.find(username);
  if (credential?.kind !== 'portal' || credential.status !== 'active') return undefined;
  const digests = secrets.listValid(username, clock.now()).map(({ digest }) => digest);
  return { kind: 'credential', username, roles: credential.roles, digests } as const;
}

/**
 * Finds the account with this name if the digest is that of its password or secret.
 *
 * Every request checks the digest of its session again, so that the session ends when the password or secret changes.
 */
export function authenticate(state: EmulatorState, username: string, digest: Uint8Array): Identity | undefined {
  const identity = findIdentity(state, username);
  // One comparison for unknown names as well: the response time must not reveal which names exist.
  const { digests = [NO_DIGEST] } = identity ?? {};
  const isRight = digests.map((candidate) => timingSafeEqual(digest, candidate)).includes(true);
  return isRight ? identity : undefined;
}

/**
 * Checks a user name and a password, and records the outcome in the audit log.
 *
 * @returns the id of a new session, or the page that shows why the sign-in failed.
 */
export function signIn(state: EmulatorState, username: string, password: string): string | PageContent {
  const { digester, sessions, signInDelay } = state;
  const waitMs = signInDelay.waitFor(username);
  // An unknown name is not recorded, because it may be a password in the wrong field.
  const subject = findIdentity(state, username) === undefined ? '(unknown)' : username;
  const refused = { actor: 'anonymous', act: 'sign in', subject, outcome: 'refused' } as const;
  if (waitMs > 0) {
    state.record({ ...refused, detail: 'too many attempts' });
    const seconds = Math.ceil(waitMs / 1_000);
    const problem = `Too many wrong passwords. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`;
    return { ...signInPage(), problem, status: 429, headers: { 'retry-after': String(seconds) } };
  }
  const digest = digester.digest(password);
  if (authenticate(state, username, digest) === undefined) {
    signInDelay.fail(username);
    state.record({ ...refused, detail: 'wrong user name or password' });
    // Not 401, which requires a WWW-Authenticate header (RFC 9110 section 15.5.2).
    return { ...signInPage(), problem: 'The user name or the password is wrong.', status: 403 };
  }
  signInDelay.succeed(username);
  state.record({ actor: username, act: 'sign in', subject: username });
  return sessions.start(username, digest);
}

/** The notices of the page, by the query parameter `why`. */
export const SIGN_IN_NOTICES: ReadonlyMap<string, string> = new Map([
  ['changed', 'The password was changed. Sign in with the new one.'],
  ['reset', 'The emulator was reset, which ended all sessions.'],
  ['ended', 'You are signed out.'],
]);

/** The sign-in page. It does not repeat the entered name, which may be a password in the wrong field. */
export function signInPage(): PageContent {
  return {
    title: 'instellix portal',
    content: html`<section class="narrow"><form method="post" action="/portal/sign-in">
${field('username', 'User name', { autocomplete: 'username', isRequired: true })}
${field('password', 'Password', { type: 'password', autocomplete: 'current-password', isRequired: true })}
<button>Sign in</button>
</form></section>`,
  };
}
