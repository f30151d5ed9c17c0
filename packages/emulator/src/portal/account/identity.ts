import { timingSafeEqual } from 'node:crypto';
import type { Role } from '../../credential/role.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { isPassword } from './password-digest.ts';

/** Somebody who can sign in: a portal user, or a credential for the portal with its client id and secret (F12). */
export interface Identity {
  readonly kind: 'user' | 'credential';
  readonly username: string;
  readonly roles: readonly Role[];
  /** Changes whenever the password does, so that sessions from before end. */
  readonly generation: string;
}

/** Finds who has this name, as long as they may sign in. A user goes before a credential of the same name. */
export function findIdentity(state: EmulatorState, username: string): Identity | undefined {
  const user = state.portalUsers.find(username);
  if (user !== undefined) {
    return { kind: 'user', username, roles: user.roles, generation: user.passwordDigest };
  }
  const credential = state.credentials.find(username);
  if (credential?.kind !== 'portal' || credential.status !== 'active') return undefined;
  return { kind: 'credential', username, roles: credential.roles, generation: '' };
}

/** Finds who has this name and password, in a time that does not tell whether the name exists. */
export async function authenticate(
  state: EmulatorState,
  username: string,
  password: string,
): Promise<Identity | undefined> {
  const isRight = await isPassword(password, state.portalUsers.find(username)?.passwordDigest);
  // Looked up again: the user may be another, or gone, after the wait.
  const identity = findIdentity(state, username);
  if (identity?.kind === 'credential') return isSecret(state, username, password) ? identity : undefined;
  return isRight ? identity : undefined;
}

function isSecret({ secrets, digester, clock }: EmulatorState, clientId: string, secret: string): boolean {
  const digest = digester.digest(secret);
  const now = clock.now();
  return secrets
    .list(clientId)
    .some(
      (stored) => timingSafeEqual(digest, stored.digest) && (stored.expiresAt === undefined || now < stored.expiresAt),
    );
}
