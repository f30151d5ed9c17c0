import { randomUUID } from 'node:crypto';
import type { EmulatorState } from './emulator-state.ts';
import { DEFAULT_CLIENT_ID, DEFAULT_REALM, FIRST_USERNAME } from './schemas.ts';
import type { CheckedSeed, EmulatorSeed, SeedCustomer } from './seed.ts';

const NO_SEED: CheckedSeed = { credentials: [], portalUsers: [], customers: undefined };
const SAMPLE_CUSTOMERS = ['Ada Lovelace', 'Grace Hopper', 'Mary Somerville'];

/**
 * Stores the seed of `reset()`: the given one, even when the database was created with another one. A new database gets
 * its data, an existing one keeps its data.
 */
export function storeSeed(state: EmulatorState, seed: CheckedSeed | undefined): void {
  const { meta, credentials } = state;
  const isNew = credentials.find(DEFAULT_CLIENT_ID) === undefined;
  if (isNew || seed !== undefined) meta.write('seed', JSON.stringify(toStored(seed ?? NO_SEED, state)));
  // `emulator.clientSecret` is a constant, so that a reset must make this secret valid again.
  meta.write('generation', String(credentials.find(DEFAULT_CLIENT_ID)?.generation ?? 0));
  if (isNew) resetState(state);
}

/** A seed as the database stores it for `reset()`: JSON with digests (hexadecimal, or null) instead of secrets. */
function toStored(seed: CheckedSeed, { digester }: EmulatorState) {
  const toHex = (secret: string | null) => (secret === null ? null : digester.digest(secret).toString('hex'));
  const samples = SAMPLE_CUSTOMERS.map((name, index) => ({ id: `sample-${index + 1}`, name, realm: DEFAULT_REALM }));
  return {
    credentials: seed.credentials.map(({ clientSecret, ...rest }) => ({ ...rest, secretDigest: toHex(clientSecret) })),
    portalUsers: seed.portalUsers.map(({ password, ...rest }) => ({ ...rest, passwordDigest: toHex(password) })),
    customers: (seed.customers ?? samples).map(({ realm, id = randomUUID(), ...members }) => ({
      realm,
      customer: { id, ...members },
    })),
  };
}

/** Restores the seed, the default credential and the first portal account. The clock keeps its time. */
export function resetState(state: EmulatorState): void {
  const { clock, credentials, customers, digester, meta, portalUsers, secrets } = state;
  const seed = JSON.parse(meta.read('seed') ?? '') as ReturnType<typeof toStored>;
  const generation = Number(meta.read('generation'));
  const createdAt = clock.now();
  state.transaction(() => {
    state.clearTables();
    const roles = ['reader', 'writer'] as const;
    const account = { clientId: DEFAULT_CLIENT_ID, realm: DEFAULT_REALM, kind: 'api', roles, generation } as const;
    credentials.insert({ ...account, name: 'default credential', status: 'active', createdAt });
    secrets.add(DEFAULT_CLIENT_ID, digester.digest(digester.defaultSecret(generation)), createdAt);
    const passwordDigest = digester.digest(digester.firstPassword());
    portalUsers.insert({ username: FIRST_USERNAME, passwordDigest, roles: ['admin'], createdAt });
    for (const { secretDigest, ...credential } of seed.credentials) {
      credentials.insert({ ...credential, status: 'active', createdAt });
      if (secretDigest !== null) secrets.add(credential.clientId, Buffer.from(secretDigest, 'hex'), createdAt);
    }
    for (const { passwordDigest: hex, ...user } of seed.portalUsers) {
      const digest = hex === null ? {} : { passwordDigest: Buffer.from(hex, 'hex') };
      portalUsers.insert({ ...user, ...digest, createdAt });
    }
    for (const { realm, customer } of seed.customers) customers.insert(realm, customer);
  });
  for (const memory of [state.faults, state.requestLog, state.sessions, state.signInDelay]) memory.clear();
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
      .map(({ clientId, realm, kind, name, roles }) => {
        return { clientId, clientSecret: null, realm, kind, ...(name !== undefined && { name }), roles };
      }),
    portalUsers: portalUsers
      .list()
      .filter(({ username }) => username !== FIRST_USERNAME)
      .map(({ username, roles }) => ({ username, password: null, roles })),
    customers: customers.list().map(({ realm, customer }): SeedCustomer => ({ ...customer, realm })),
  };
}
