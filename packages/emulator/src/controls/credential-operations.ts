import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { EmulatorState } from '../state/emulator-state.ts';
import {
  choice,
  clientId,
  clientSecret,
  credentialEntries,
  described,
  findMisplacedRole,
  instant,
  integer,
  object,
  realm,
  roles,
  rolesFitKind,
  string,
} from '../state/schemas.ts';
import { randomSecret } from '../state/secrets.ts';
import { invalid } from '../state/validate.ts';
import type { Credential, CredentialSummary } from '../storage/credential.ts';
import { type Operation, operation } from './operation.ts';

const YEAR_MS = 31_536_000_000;

const newCredential = rolesFitKind(
  object({
    ...credentialEntries,
    clientId: described('The client id (default: a random UUID)', v.optional(clientId)),
    clientSecret: described('The client secret (default: a random secret)', v.optional(clientSecret)),
  }),
);

const summary = object({
  clientId,
  realm,
  kind: choice('api', 'portal'),
  name: v.optional(string(200)),
  roles,
  status: choice('active', 'inactive', 'revoked'),
  createdAt: instant,
  secrets: v.array(object({ createdAt: instant, expiresAt: v.optional(instant) })),
});

/** Creates and changes credentials. */
export const credentialOperations = [
  operation({
    name: 'credentials.create',
    summary: 'Creates a credential',
    arguments: newCredential,
    result: object({ clientId, clientSecret }),
    isAudited: true,
    run({ state }, { roles, realm, kind, name, clientId = randomUUID(), clientSecret = randomSecret() }) {
      const { credentials, secrets, clock, digester, transaction } = state;
      if (credentials.find(clientId) !== undefined) {
        const problem = 'is the id of another credential; choose another one, or leave it out for a random one';
        throw invalid('clientId', problem);
      }
      const createdAt = clock.now();
      transaction(() => {
        credentials.insert({ clientId, realm, kind, name, roles, status: 'active', createdAt });
        secrets.add(clientId, digester.digest(clientSecret), createdAt);
      });
      return { clientId, clientSecret };
    },
  }),
  operation({
    name: 'credentials.rotate',
    summary: 'Creates a new secret; the previous secret stays valid for the overlap, older ones become invalid at once',
    arguments: object({
      clientId,
      overlapMs: described('How long the previous secret stays valid', integer(0, YEAR_MS)),
    }),
    positional: ['clientId'],
    result: object({ clientSecret }),
    isAudited: true,
    run({ state }, { clientId, overlapMs }) {
      const { credentials, secrets, clock, digester, transaction } = state;
      const credential = findUsable(state, clientId);
      const generation = credential.generation === undefined ? undefined : credential.generation + 1;
      const clientSecret = generation === undefined ? randomSecret() : digester.defaultSecret(generation);
      const now = clock.now();
      transaction(() => {
        secrets.add(clientId, digester.digest(clientSecret), now, now + overlapMs);
        if (generation !== undefined) credentials.setGeneration(generation, clientId);
      });
      return { clientSecret };
    },
  }),
  onCredential('deactivate', 'Rejects token requests of a credential until it is reactivated', (state, clientId) =>
    state.credentials.setStatus('inactive', findUsable(state, clientId).clientId),
  ),
  onCredential('reactivate', 'Accepts token requests of a deactivated credential again', (state, clientId) =>
    state.credentials.setStatus('active', findUsable(state, clientId).clientId),
  ),
  onCredential('revoke', 'Revokes a credential permanently, and all of its tokens', (state, clientId) => {
    find(state, clientId);
    state.transaction(() => {
      state.credentials.setStatus('revoked', clientId);
      state.tokens.revokeOf(clientId, state.clock.now());
    });
  }),
  operation({
    name: 'credentials.setRoles',
    summary: 'Replaces the roles of a credential; tokens that were issued before keep their scopes',
    arguments: object({ clientId, roles: described('A role of the credential', roles) }),
    positional: ['clientId', 'roles'],
    result: object({}),
    isAudited: true,
    run({ state }, { clientId, roles }) {
      const problem = findMisplacedRole(findUsable(state, clientId).kind, roles);
      if (problem !== undefined) throw invalid('roles', problem);
      state.credentials.setRoles(roles, clientId);
      return {};
    },
  }),
  operation({
    name: 'credentials.list',
    summary: 'Lists all credentials, oldest first, without their secrets',
    arguments: object({}),
    result: object({ credentials: v.array(summary) }),
    returns: 'credentials',
    run: ({ state }) => ({ credentials: state.credentials.list().map((credential) => summarise(state, credential)) }),
  }),
];

function onCredential(
  verb: string,
  summary: string,
  change: (state: EmulatorState, clientId: string) => void,
): Operation {
  return operation({
    name: `credentials.${verb}`,
    summary,
    arguments: object({ clientId }),
    positional: ['clientId'],
    result: object({}),
    isAudited: true,
    run({ state }, { clientId }) {
      change(state, clientId);
      return {};
    },
  });
}

// The messages do not quote the client id, because a caller may have passed a secret by mistake.
function find(state: EmulatorState, clientId: string): Credential {
  const credential = state.credentials.find(clientId);
  if (credential === undefined)
    throw invalid('clientId', 'no credential has this client id; credentials.list() returns all of them');
  return credential;
}

function findUsable(state: EmulatorState, clientId: string): Credential {
  const credential = find(state, clientId);
  if (credential.status === 'revoked') {
    throw invalid('clientId', 'this credential is revoked permanently; create a new one');
  }
  return credential;
}

function summarise({ clock, secrets }: EmulatorState, credential: Credential): CredentialSummary {
  const { clientId, realm, kind, name, roles, status, createdAt } = credential;
  const valid = secrets
    .listValid(clientId, clock.now())
    .map(({ createdAt, expiresAt }) => ({ createdAt, ...(expiresAt !== undefined && { expiresAt }) }));
  return { clientId, realm, kind, ...(name !== undefined && { name }), roles, status, createdAt, secrets: valid };
}
