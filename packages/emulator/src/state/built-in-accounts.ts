import type { EmulatorState } from './emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from './schemas.ts';
import type { SecretDigester } from './secrets.ts';

/**
 * The secret of the default credential after `generation` rotations.
 *
 * It is derived from a key in the database, so that it is known again after a restart.
 */
export function defaultSecret(digester: SecretDigester, generation: number): string {
  return digester.derive(`client secret ${generation}`);
}

/** The password of the first portal account, derived in the same way. */
export function firstPassword(digester: SecretDigester): string {
  return digester.derive('first account');
}

/** Stores the default credential, with its secret after `generation` rotations, and the first portal account. */
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
