import { randomUUID } from 'node:crypto';
import type { CredentialControls } from '../emulator/emulator.ts';
import { defaultSecret } from '../state/default-credential.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { invalid } from '../state/input/invalid.ts';
import { readChoice } from '../state/input/read-choice.ts';
import { readClientId, readClientSecret } from '../state/input/read-client-id.ts';
import { readInteger } from '../state/input/read-integer.ts';
import { readObject } from '../state/input/read-object.ts';
import { readText } from '../state/input/read-text.ts';
import { DEFAULT_REALM, readRealm } from '../state/input/realm.ts';
import { randomSecret } from '../state/random-secret.ts';
import { type Role, readRoles } from '../state/role.ts';
import type { Credential, CredentialSummary } from '../storage/credential.ts';

const LONGEST_OVERLAP_MS = 31_536_000_000;

/** Creates and changes credentials on behalf of whoever steers the emulator. */
export function createCredentialControls(state: EmulatorState): CredentialControls {
  return {
    create: async (options) => create(state, options),
    rotate: async (clientId, options) => rotate(state, clientId, options),
    deactivate: async (clientId) => setStatus(state, 'deactivate', clientId, 'inactive'),
    reactivate: async (clientId) => setStatus(state, 'reactivate', clientId, 'active'),
    revoke: async (clientId) => revoke(state, clientId),
    setRoles: async (clientId, roles) => setRoles(state, clientId, roles),
    list: async () => state.credentials.list().map((credential) => summarise(state, credential)),
  };
}

function create(state: EmulatorState, options: unknown): { clientId: string; clientSecret: string } {
  const where = 'credentials.create(options)';
  const given = readObject(options, where, ['roles', 'realm', 'kind', 'name', 'clientId', 'clientSecret']);
  const {
    realm = DEFAULT_REALM,
    name,
    clientId: wantedId = randomUUID(),
    clientSecret: wanted = randomSecret(),
  } = given;
  const kind = readChoice(given['kind'] ?? 'api', `${where}.kind`, ['api', 'portal'] as const);
  const clientId = readClientId(wantedId, `${where}.clientId`);
  const clientSecret = readClientSecret(wanted, `${where}.clientSecret`);
  const credential: Credential = {
    clientId,
    realm: readRealm(realm, `${where}.realm`),
    kind,
    name: name === undefined ? undefined : readText(name, `${where}.name`, 200),
    roles: readRoles(given['roles'], `${where}.roles`, kind),
    status: 'active',
    createdAt: state.clock.now(),
    lastIssuedAt: undefined,
    generation: undefined,
  };
  if (state.credentials.find(clientId) !== undefined) {
    throw invalid(`${where}.clientId`, 'is taken by another credential; choose another or leave it out');
  }
  state.transaction.run(() => {
    state.credentials.insert(credential);
    state.secrets.insert(clientId, state.digester.digest(clientSecret), credential.createdAt);
  });
  return { clientId, clientSecret };
}

function rotate(state: EmulatorState, clientId: unknown, options: unknown): { clientSecret: string } {
  const where = 'credentials.rotate(clientId, options)';
  const credential = findUsable(state, 'rotate', clientId);
  const given = readObject(options, where, ['overlapMs']);
  const overlapMs = readInteger(given['overlapMs'], `${where}.overlapMs`, 0, LONGEST_OVERLAP_MS);
  const now = state.clock.now();
  const generation = credential.generation === undefined ? undefined : credential.generation + 1;
  const clientSecret = generation === undefined ? randomSecret() : defaultSecret(state.digester, generation);
  state.transaction.run(() => {
    state.secrets.rotate(credential.clientId, state.digester.digest(clientSecret), now, now + overlapMs);
    if (generation !== undefined) state.credentials.setGeneration(credential.clientId, generation);
  });
  return { clientSecret };
}

function setStatus(state: EmulatorState, verb: string, clientId: unknown, status: 'active' | 'inactive'): void {
  state.credentials.setStatus(findUsable(state, verb, clientId).clientId, status);
}

function revoke(state: EmulatorState, clientId: unknown): void {
  const credential = find(state, 'revoke', clientId);
  state.transaction.run(() => {
    state.credentials.setStatus(credential.clientId, 'revoked');
    state.tokens.revokeOf(credential.clientId, state.clock.now());
  });
}

function setRoles(state: EmulatorState, clientId: unknown, roles: unknown): void {
  const credential = findUsable(state, 'setRoles', clientId);
  const checked: Role[] = readRoles(roles, 'credentials.setRoles(clientId, roles)', credential.kind);
  state.credentials.setRoles(credential.clientId, checked);
}

// The id that was given stays out of both messages: it may be a secret in the wrong place.
function find(state: EmulatorState, verb: string, clientId: unknown): Credential {
  const where = `credentials.${verb}(clientId)`;
  const credential = state.credentials.find(readClientId(clientId, where));
  if (credential === undefined) throw invalid(where, 'no credential has this client id; credentials.list() tells them');
  return credential;
}

function findUsable(state: EmulatorState, verb: string, clientId: unknown): Credential {
  const credential = find(state, verb, clientId);
  if (credential.status === 'revoked') {
    throw invalid(`credentials.${verb}(clientId)`, 'the credential was revoked for good; create a new one');
  }
  return credential;
}

function summarise(state: EmulatorState, credential: Credential): CredentialSummary {
  const { lastIssuedAt: _lastIssuedAt, generation: _generation, name, ...rest } = credential;
  const now = state.clock.now();
  const secrets = state.secrets
    .list(credential.clientId)
    .filter(({ expiresAt }) => expiresAt === undefined || now < expiresAt)
    .map(({ createdAt, expiresAt }) => ({ createdAt, ...(expiresAt !== undefined && { expiresAt }) }));
  return { ...rest, ...(name !== undefined && { name }), secrets };
}
