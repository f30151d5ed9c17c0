import { timingSafeEqual } from 'node:crypto';
import type { EmulatorState } from '../state/emulator-state.ts';
import { NO_DIGEST } from '../state/secrets.ts';
import type { Role } from '../storage/credential.ts';

/** An account that can sign in: a portal user, or a credential for the portal (F12). */
export interface Identity {
  readonly kind: 'user' | 'credential';
  readonly username: string;
  readonly roles: readonly Role[];
}

/** Finds the account with this name, if it may sign in. A user takes precedence over a credential of the same name. */
export function findIdentity(state: EmulatorState, username: string): Identity | undefined {
  const user = state.portalUsers.find(username);
  if (user !== undefined) return { kind: 'user', username, roles: user.roles };
  const credential = state.credentials.find(username);
  if (credential?.kind !== 'portal' || credential.status !== 'active') return undefined;
  return { kind: 'credential', username, roles: credential.roles };
}

/**
 * Finds the account with this name if the digest is that of its password or secret.
 *
 * Every request checks the digest of its session again, so that the session ends when the password or secret changes.
 */
export function authenticate(state: EmulatorState, username: string, digest: Uint8Array): Identity | undefined {
  const identity = findIdentity(state, username);
  // One comparison for unknown names as well: the response time must not reveal which names exist.
  const accepted = identity === undefined ? [NO_DIGEST] : digestsOf(state, identity);
  const isRight = accepted.map((candidate) => timingSafeEqual(digest, candidate)).includes(true);
  return isRight ? identity : undefined;
}

function digestsOf({ portalUsers, secrets, clock }: EmulatorState, { kind, username }: Identity): Uint8Array[] {
  if (kind === 'user') return [portalUsers.find(username)?.passwordDigest ?? NO_DIGEST];
  return secrets.listValid(username, clock.now()).map(({ digest }) => digest);
}
