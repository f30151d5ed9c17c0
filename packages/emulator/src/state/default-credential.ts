import type { EmulatorState } from './emulator-state.ts';
import { DEFAULT_REALM } from './input/realm.ts';
import type { SecretDigester } from './secret-digester.ts';

/** The client id of the credential that every emulator has. */
export const DEFAULT_CLIENT_ID = 'local-client';

/**
 * The secret of the default credential after `generation` rotations.
 *
 * Derived from the database's key, because a digest alone could not tell it again after a restart.
 */
export function defaultSecret(digester: SecretDigester, generation: number): string {
  return digester.derive(`client secret ${generation}`);
}

/** Stores the default credential as it is after `generation` rotations. */
export function insertDefaultCredential(state: EmulatorState, generation: number): void {
  const createdAt = state.clock.now();
  state.credentials.insert({
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
  state.secrets.insert(DEFAULT_CLIENT_ID, state.digester.digest(defaultSecret(state.digester, generation)), createdAt);
}
