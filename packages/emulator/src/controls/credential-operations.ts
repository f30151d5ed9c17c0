import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { defaultSecret } from '../state/built-in-accounts.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import {
  choice,
  clientId,
  clientSecret,
  DEFAULT_REALM,
  findMisplacedRole,
  instant,
  kind,
  object,
  overlapMs,
  ROLES_FIT_KIND,
  realm,
  roles,
  rolesFitKind,
  text,
} from '../state/schemas.ts';
import { randomSecret } from '../state/secrets.ts';
import { invalid } from '../state/validate.ts';
import type { Credential, CredentialSummary } from '../storage/credential.ts';
import { type Operation, operation } from './operation.ts';

const newCredential = v.pipe(
  object({
    roles: v.pipe(roles, v.description('What it may do')),
    realm: v.pipe(v.optional(realm, DEFAULT_REALM), v.description('A realm exists from its first credential on')),
    kind: v.pipe(kind, v.description('Whether it is for the API or for the portal')),
    name: v.pipe(v.optional(text(200)), v.description('A label for people')),
    clientId: v.pipe(v.optional(clientId), v.description('Left out: a random one')),
    clientSecret: v.pipe(v.optional(clientSecret), v.description('Left out: a random one')),
  }),
  rolesFitKind(),
  v.metadata(ROLES_FIT_KIND),
);

const summary = object({
  clientId,
  realm,
  kind: choice('api', 'portal'),
  name: v.optional(text(200)),
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
        throw invalid('clientId', 'is taken by another credential; choose another or leave it out');
      }
      const createdAt = clock.now();
      const unused = { status: 'active', lastIssuedAt: undefined, generation: undefined } as const;
      transaction.run(() => {
        credentials.insert({ clientId, realm, kind, name, roles, createdAt, ...unused });
        secrets.insert(clientId, digester.digest(clientSecret), createdAt);
      });
      return { clientId, clientSecret };
    },
  }),
  operation({
    name: 'credentials.rotate',
    summary: 'Gives a credential a new secret; the one before works for the overlap, any older one ends at once',
    arguments: object({
      clientId,
      overlapMs: v.pipe(overlapMs, v.description('How long the secret before still works')),
    }),
    positional: ['clientId'],
    result: object({ clientSecret }),
    isAudited: true,
    run({ state }, { clientId, overlapMs }) {
      const { credentials, secrets, clock, digester, transaction } = state;
      const credential = findUsable(state, clientId);
      const generation = credential.generation === undefined ? undefined : credential.generation + 1;
      const clientSecret = generation === undefined ? randomSecret() : defaultSecret(digester, generation);
      const now = clock.now();
      transaction.run(() => {
        secrets.rotate(clientId, digester.digest(clientSecret), now, now + overlapMs);
        if (generation !== undefined) credentials.setGeneration(clientId, generation);
      });
      return { clientSecret };
    },
  }),
  onCredential('deactivate', 'Refuses token requests of a credential until it is reactivated', (state, clientId) =>
    state.credentials.setStatus(findUsable(state, clientId).clientId, 'inactive'),
  ),
  onCredential('reactivate', 'Undoes deactivate', (state, clientId) =>
    state.credentials.setStatus(findUsable(state, clientId).clientId, 'active'),
  ),
  onCredential('revoke', 'Ends a credential permanently, and its tokens at once', (state, clientId) => {
    find(state, clientId);
    state.transaction.run(() => {
      state.credentials.setStatus(clientId, 'revoked');
      state.tokens.revokeOf(clientId, state.clock.now());
    });
  }),
  operation({
    name: 'credentials.setRoles',
    summary: 'Replaces the roles of a credential; that counts from its next token on',
    arguments: object({ clientId, roles: v.pipe(roles, v.description('What it may do')) }),
    positional: ['clientId', 'roles'],
    result: object({}),
    isAudited: true,
    run({ state }, { clientId, roles }) {
      const misplaced = findMisplacedRole(findUsable(state, clientId).kind, roles);
      if (misplaced !== undefined) throw invalid(`roles[${misplaced.index}]`, misplaced.problem);
      state.credentials.setRoles(clientId, roles);
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

// The client id stays out of both messages: it may be a secret in the wrong place.
function find(state: EmulatorState, clientId: string): Credential {
  const credential = state.credentials.find(clientId);
  if (credential === undefined)
    throw invalid('clientId', 'no credential has this client id; credentials.list() shows them');
  return credential;
}

function findUsable(state: EmulatorState, clientId: string): Credential {
  const credential = find(state, clientId);
  if (credential.status === 'revoked') {
    throw invalid('clientId', 'the credential was revoked permanently; create a new one');
  }
  return credential;
}

function summarise({ clock, secrets }: EmulatorState, credential: Credential): CredentialSummary {
  const { clientId, realm, kind, name, roles, status, createdAt } = credential;
  const now = clock.now();
  const working = secrets
    .list(clientId)
    .filter(({ expiresAt }) => expiresAt === undefined || now < expiresAt)
    .map(({ createdAt, expiresAt }) => ({ createdAt, ...(expiresAt !== undefined && { expiresAt }) }));
  return { clientId, realm, kind, ...(name !== undefined && { name }), roles, status, createdAt, secrets: working };
}
