import { authenticate, findIdentity, type Identity } from '../account/identity.ts';
import type { PortalContext } from '../portal-context.ts';

/** Somebody who has signed in, or what they are told instead. */
export type SignIn =
  | { readonly identity: Identity }
  | { readonly problem: string; readonly status: 403 | 429; readonly retryAfterSeconds?: number };

const BUSY_SECONDS = 2;

/** Checks a user name and a password, and writes down what came of it. */
export async function signIn(context: PortalContext, username: string, password: string): Promise<SignIn> {
  const { state, throttle, now } = context;
  const waitMs = throttle.waitFor(username, now());
  if (waitMs > 0) {
    record(context, username, 'too many attempts');
    const retryAfterSeconds = Math.ceil(waitMs / 1_000);
    const wait = retryAfterSeconds === 1 ? 'a second' : `${retryAfterSeconds} seconds`;
    return { status: 429, problem: `Too many attempts. Try again in ${wait}.`, retryAfterSeconds };
  }
  // Counted before it is checked: of many attempts at the same time, none is for free.
  throttle.fail(username, now());
  const checked = await throttle.run(() => authenticate(state, username, password));
  if (checked === undefined) {
    record(context, username, 'too many at once');
    return { status: 429, problem: 'Too many are signing in. Try again.', retryAfterSeconds: BUSY_SECONDS };
  }
  const identity = checked.result;
  if (identity === undefined) {
    record(context, username, 'wrong user name or password');
    // Not 401, which would have to offer a way of HTTP authentication (RFC 9110 section 15.5.2).
    return { status: 403, problem: 'The user name or the password is wrong.' };
  }
  throttle.succeed(username);
  const { audit, clock } = state;
  audit.add({ at: clock.now(), actor: username, act: 'sign in', subject: username, outcome: 'done', detail: '' });
  return { identity };
}

function record({ state }: PortalContext, username: string, detail: string): void {
  // A name that does not exist may be a password in the wrong place.
  const subject = findIdentity(state, username) === undefined ? '(unknown)' : username;
  const at = state.clock.now();
  state.audit.add({ at, actor: 'nobody', act: 'sign in', subject, outcome: 'refused', detail });
}
