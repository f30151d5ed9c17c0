import type { EmulatorState } from './emulator-state.ts';
import type { SecretDigester } from './secret-digester.ts';

/** The user name of the first account (F12), which may create credentials for API and portal. */
export const FIRST_USERNAME = 'admin';

/** The password of the first account; derived from the database's key, so that a restart knows it again. */
export function firstPassword(digester: SecretDigester): string {
  return digester.derive('first account');
}

/** Stores the first account. */
export function insertFirstAccount({ portalUsers, digester, clock }: EmulatorState): void {
  const passwordDigest = digester.digest(firstPassword(digester));
  portalUsers.insert({ username: FIRST_USERNAME, passwordDigest, roles: ['admin'], createdAt: clock.now() });
}
