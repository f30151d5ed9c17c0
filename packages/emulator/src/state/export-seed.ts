import { DEFAULT_CLIENT_ID } from './default-credential.ts';
import type { EmulatorSeed, SeedCustomer } from './emulator-seed.ts';
import type { EmulatorState } from './emulator-state.ts';
import { FIRST_USERNAME } from './first-account.ts';

/**
 * The present state as a seed.
 *
 * Secrets and passwords are known as digests only, so they are `null` in it: put in your own, or rotate after the start.
 * Revoked credentials, the default one and the first account are left out.
 */
export function exportSeed({ credentials, portalUsers, customers }: EmulatorState): Required<EmulatorSeed> {
  return {
    credentials: credentials
      .list()
      .filter(({ clientId, status }) => clientId !== DEFAULT_CLIENT_ID && status !== 'revoked')
      .map(({ clientId, realm, kind, name, roles }) => ({
        clientId,
        clientSecret: null,
        realm,
        kind,
        ...(name !== undefined && { name }),
        roles,
      })),
    portalUsers: portalUsers
      .list()
      .filter(({ username }) => username !== FIRST_USERNAME)
      .map(({ username, roles }) => ({ username, password: null, roles })),
    customers: customers.list().map(({ realm, customer }): SeedCustomer => ({ ...customer, realm })),
  };
}
