import { randomUUID } from 'node:crypto';
import { insertDefaultCredential } from '../credential/default-credential.ts';
import { DEFAULT_REALM } from '../credential/realm.ts';
import type { CredentialKind, Role } from '../credential/role.ts';
import type { SecretDigester } from '../credential/secret-digester.ts';
import type { Customer } from '../customer/customer.ts';
import { insertFirstAccount } from '../portal/account/first-account.ts';
import { digestChosenPassword, NO_PASSWORD } from '../portal/account/password-digest.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { CheckedSeed } from './read-seed.ts';

/** A seed as it is kept in the database for `reset()`: plain JSON, with digests in the place of secrets. */
export interface SeedRows {
  readonly credentials: readonly {
    readonly clientId: string;
    readonly realm: string;
    readonly kind: CredentialKind;
    readonly name?: string;
    readonly roles: readonly Role[];
    /** Hexadecimal; `null` when no secret works. */
    readonly secretDigest: string | null;
  }[];
  readonly portalUsers: readonly {
    readonly username: string;
    readonly passwordDigest: string;
    readonly roles: readonly Role[];
  }[];
  readonly customers: readonly { readonly realm: string; readonly customer: Customer }[];
}

const SAMPLE_CUSTOMERS = ['Ada Lovelace', 'Grace Hopper', 'Mary Somerville'];

/** Turns a seed into what is stored of it. */
export async function toSeedRows(seed: CheckedSeed, digester: SecretDigester): Promise<SeedRows> {
  const samples = SAMPLE_CUSTOMERS.map((name, index) => ({ id: `sample-${index + 1}`, name, realm: DEFAULT_REALM }));
  return {
    credentials: seed.credentials.map(({ clientSecret, ...credential }) => ({
      ...credential,
      secretDigest: clientSecret === null ? null : digester.digest(clientSecret).toString('hex'),
    })),
    portalUsers: await Promise.all(
      seed.portalUsers.map(async ({ username, password, roles }) => ({
        username,
        passwordDigest: password === null ? NO_PASSWORD : await digestChosenPassword(password),
        roles,
      })),
    ),
    customers: (seed.customers ?? samples).map(({ realm, id = randomUUID(), ...members }) => ({
      realm,
      customer: { id, ...members },
    })),
  };
}

/** Makes the state what the seed says, with the default credential as it is after `generation` rotations. */
export function applySeedRows(state: EmulatorState, rows: SeedRows, generation: number): void {
  const { clock, credentials, secrets, tokens, customers, portalUsers, audit, transaction } = state;
  transaction.run(() => {
    for (const table of [credentials, secrets, tokens, customers, portalUsers, audit]) table.clear();
    insertDefaultCredential(state, generation);
    insertFirstAccount(state);
    const createdAt = clock.now();
    for (const { secretDigest, name, ...credential } of rows.credentials) {
      const fresh = { status: 'active', createdAt, lastIssuedAt: undefined, generation: undefined } as const;
      credentials.insert({ ...credential, name, ...fresh });
      if (secretDigest !== null) secrets.insert(credential.clientId, Buffer.from(secretDigest, 'hex'), createdAt);
    }
    for (const user of rows.portalUsers) portalUsers.insert({ ...user, createdAt });
    for (const { realm, customer } of rows.customers) customers.insert(realm, customer);
  });
}
