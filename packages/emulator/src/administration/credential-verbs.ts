import { readObject } from '../state/input/read-object.ts';
import { choice, count, instant, list, nothing, object, text } from './json-schema.ts';
import type { Verb } from './verb.ts';

const roles = { ...list(choice('reader', 'writer', 'none', 'admin', 'auditor')), minItems: 1, uniqueItems: true };
const kind = choice('api', 'portal');
const clientId = { ...text, maxLength: 256, pattern: '^[^:]+$' };
const clientSecret = { ...text, maxLength: 256 };

const summary = object(
  {
    clientId,
    realm: text,
    kind,
    name: text,
    roles,
    status: choice('active', 'inactive', 'revoked'),
    createdAt: instant,
    secrets: list(object({ createdAt: instant, expiresAt: instant }, ['expiresAt'])),
  },
  ['name'],
);

/** The credentials over HTTP. */
export const credentialVerbs: readonly Verb[] = [
  {
    path: 'credentials/create',
    summary: 'Creates a credential; a realm exists from its first credential on',
    request: object({ roles, realm: text, kind, name: text, clientId, clientSecret }, [
      'realm',
      'kind',
      'name',
      'clientId',
      'clientSecret',
    ]),
    answer: object({ clientId, clientSecret }),
    isAudited: true,
    run: async ({ controls }, given) => controls.credentials.create(given as never),
  },
  {
    path: 'credentials/rotate',
    summary: 'Gives a credential a new secret; the one before works for another `overlapMs`',
    request: object({ clientId, overlapMs: count }),
    answer: object({ clientSecret }),
    isAudited: true,
    async run({ controls }, given) {
      const { clientId, ...options } = given;
      return controls.credentials.rotate(clientId as never, options as never);
    },
  },
  onClient('deactivate', 'Refuses token requests of a credential until it is reactivated'),
  onClient('reactivate', 'Undoes `credentials/deactivate`'),
  onClient('revoke', 'Ends a credential for good, and its tokens at once'),
  {
    path: 'credentials/setRoles',
    summary: 'Replaces the roles of a credential; that counts from its next token on',
    request: object({ clientId, roles }),
    answer: nothing,
    isAudited: true,
    async run({ controls }, given) {
      const { clientId, roles } = readObject(given, 'credentials.setRoles(clientId, roles)', ['clientId', 'roles']);
      await controls.credentials.setRoles(clientId as never, roles as never);
      return {};
    },
  },
  {
    path: 'credentials/list',
    summary: 'Lists all credentials, oldest first, without their secrets',
    request: object({}),
    answer: object({ credentials: list(summary) }),
    async run({ controls }, given) {
      readObject(given, 'credentials.list()', []);
      return { credentials: await controls.credentials.list() };
    },
  },
];

function onClient(verb: 'deactivate' | 'reactivate' | 'revoke', summary: string): Verb {
  return {
    path: `credentials/${verb}`,
    summary,
    request: object({ clientId }),
    answer: nothing,
    isAudited: true,
    async run({ controls }, given) {
      const { clientId } = readObject(given, `credentials.${verb}(clientId)`, ['clientId']);
      await controls.credentials[verb](clientId as never);
      return {};
    },
  };
}
