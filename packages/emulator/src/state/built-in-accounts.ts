import type { EmulatorState } from './emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from './schemas.ts';
import type { SecretDigester } from './secrets.ts';

/**
 * The secret of the default credential after `generation` rotations.
 *
 * Derived from the database's key, because a restart could not recover it from its digest.
 */
export function defaultSecret(digester: SecretDigester, generation: number): string {
  return digester.derive(`client secret ${generation}`);
}

/** The password of the first portal account, derived for the same reason. */
export function firstPassword(digester: SecretDigester): string {
  return digester.derive('first account');
}

/** Stores the default credential, as it is after `generation` rotations, and the first portal account. */
export function insertBuiltInAccounts(state: EmulatorState, generation: number): void {
  const { clock, credentials, secrets, digester, portalUsers } = state;
  const createdAt = clock.now();
  credentials.insert({
    clientId: DEFAULT_CLIENT_ID,
    realm: DEFAULT_REALM,
    kind: 'api',
    name: 'default credential',
    roles: ['reader', 'writer'],
    status: 'active',
    createdAt,
    lastIssuedAt: undefined,
    generation,
  });
  secrets.insert(DEFAULT_CLIENT_ID, digester.digest(defaultSecret(digester, generation)), createdAt);
  const passwordDigest = digester.digest(firstPassword(digester));
  portalUsers.insert({ username: FIRST_USERNAME, passwordDigest, roles: ['admin'], createdAt });
}
