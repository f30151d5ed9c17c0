import { randomUUID } from 'node:crypto';
import type { CredentialKind, Role } from '../storage/credential.ts';
import type { Customer } from '../storage/customer-table.ts';
import { insertBuiltInAccounts } from './built-in-accounts.ts';
import type { EmulatorState } from './emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from './schemas.ts';
import type { SecretDigester } from './secrets.ts';
import type { CheckedSeed, EmulatorSeed, SeedCustomer } from './seed.ts';

/** A seed as the database stores it for `reset()`: JSON with digests instead of secrets. */
export interface SeedRows {
  readonly credentials: readonly {
    readonly clientId: string;
    readonly realm: string;
    readonly kind: CredentialKind;
    readonly name?: string | undefined;
    readonly roles: readonly Role[];
    /** Hexadecimal; `null`: no secret is valid. */
    readonly secretDigest: string | null;
  }[];
  readonly portalUsers: readonly {
    readonly username: string;
    /** Hexadecimal; `null`: no password is valid. */
    readonly passwordDigest: string | null;
    readonly roles: readonly Role[];
  }[];
  readonly customers: readonly { readonly realm: string; readonly customer: Customer }[];
}

const SAMPLE_CUSTOMERS = ['Ada Lovelace', 'Grace Hopper', 'Mary Somerville'];

/** Converts a seed to its stored form. */
export function toSeedRows(seed: CheckedSeed, digester: SecretDigester): SeedRows {
  const toHex = (secret: string | null) => (secret === null ? null : digester.digest(secret).toString('hex'));
  const samples = SAMPLE_CUSTOMERS.map((name, index) => ({ id: `sample-${index + 1}`, name, realm: DEFAULT_REALM }));
  return {
    credentials: seed.credentials.map(({ clientSecret, ...credential }) => ({
      ...credential,
      secretDigest: toHex(clientSecret),
    })),
    portalUsers: seed.portalUsers.map(({ username, password, roles }) => ({
      username,
      passwordDigest: toHex(password),
      roles,
    })),
    customers: (seed.customers ?? samples).map(({ realm, id = randomUUID(), ...members }) => ({
      realm,
      customer: { id, ...members },
    })),
  };
}

/** Replaces the state with the seed. The default credential gets its secret after `generation` rotations. */
export function applySeedRows(state: EmulatorState, rows: SeedRows, generation: number): void {
  const { clock, credentials, secrets, customers, portalUsers, transaction } = state;
  transaction.run(() => {
    state.clearTables();
    customers.clearCache();
    insertBuiltInAccounts(state, generation);
    const createdAt = clock.now();
    for (const { secretDigest, name, ...credential } of rows.credentials) {
      const fresh = { status: 'active', createdAt, lastIssuedAt: undefined, generation: undefined } as const;
      credentials.insert({ ...credential, name, ...fresh });
      if (secretDigest !== null) secrets.insert(credential.clientId, Buffer.from(secretDigest, 'hex'), createdAt);
    }
    for (const { passwordDigest, ...user } of rows.portalUsers) {
      portalUsers.insert({
        ...user,
        passwordDigest: passwordDigest === null ? null : Buffer.from(passwordDigest, 'hex'),
        createdAt,
      });
    }
    for (const { realm, customer } of rows.customers) customers.insert(realm, customer);
  });
}

/**
 * The current state as a seed.
 *
 * Secrets and passwords are `null` in it, because only their digests are stored. Revoked credentials, the default
 * credential and the first account are left out.
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
