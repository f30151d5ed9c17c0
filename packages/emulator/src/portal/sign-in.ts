import { authenticate, findIdentity } from './identity.ts';
import type { PortalContext } from './portal-page.ts';

/** The id of a new session, or why there is none. */
export type SignIn =
  | { readonly sessionId: string }
  | { readonly problem: string; readonly status: 403 | 429; readonly retryAfterSeconds?: number };

/** Checks a user name and a password, starts a session, and writes the outcome into the audit log. */
export function signIn({ state }: PortalContext, username: string, password: string): SignIn {
  const { audit, clock, digester, sessions, signInDelay } = state;
  const now = clock.now();
  const waitMs = signInDelay.waitFor(username, now);
  // A name that does not exist may be a password in the wrong place.
  const subject = findIdentity(state, username) === undefined ? '(unknown)' : username;
  const refused = { at: now, actor: 'nobody', act: 'sign in', subject, outcome: 'refused' } as const;
  if (waitMs > 0) {
    audit.add({ ...refused, detail: 'too many attempts' });
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    const wait = retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`;
    return { status: 429, problem: `Too many attempts. Try again in ${wait}.`, retryAfterSeconds };
  }
  const digest = digester.digest(password);
  if (authenticate(state, username, digest) === undefined) {
    signInDelay.fail(username, now);
    audit.add({ ...refused, detail: 'wrong user name or password' });
    // Not 401, which would have to offer a way of HTTP authentication (RFC 9110 section 15.5.2).
    return { status: 403, problem: 'The user name or the password is wrong.' };
  }
  signInDelay.succeed(username);
  audit.add({ ...refused, actor: username, subject: username, outcome: 'done', detail: '' });
  return { sessionId: sessions.start(username, digest, now).id };
}
