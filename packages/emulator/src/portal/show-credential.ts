import { html } from 'hono/html';
import { invalid } from '../state/validate.ts';
import { ALL_ROLES, API_ROLES, type Credential, type CredentialStatus } from '../storage/credential.ts';
import { badge, facts, type Markup, secretsShownOnce, select, table, time } from './page/markup.ts';
import type { PageContent, PortalRequest } from './portal-page.ts';
import { roleChoices } from './portal-right.ts';

/** The path of the list of credentials. */
export const CREDENTIALS = '/portal/credentials';
/** The words for the kinds of credentials. */
export const KINDS = { api: 'API', portal: 'Portal' } as const;

const OVERLAPS: readonly (readonly [ms: string, label: string])[] = [
  ['0', 'no time'],
  ['60000', 'one minute'],
  ['3600000', 'one hour'],
  ['86400000', 'one day'],
  ['604800000', 'seven days'],
];

/** The page of a credential. `clientSecret` is a new one: only this response shows it. */
export function showCredential(request: PortalRequest, clientId: string, clientSecret?: string): PageContent {
  const { credentials, secrets, clock } = request.state;
  const credential = credentials.find(clientId) as Credential;
  const { name = clientId, kind, realm, roles, status, createdAt } = credential;
  const about = facts([
    ['Client ID', html`<code>${clientId}</code>`],
    ['Status', badge(statusWord(status))],
    ['For', KINDS[kind]],
    ['Realm', realm],
    ['Roles', roles.join(', ')],
    ['Since', time(createdAt)],
  ]);
  const valid = table(
    'Secrets',
    secrets.listValid(clientId, clock.now()),
    [
      ['Secret', (_secret, index) => (index === 0 ? 'current' : 'previous')],
      ['Since', ({ createdAt }) => time(createdAt)],
      ['Valid', ({ expiresAt }) => validity(status, expiresAt)],
    ],
    'No secret is valid. Rotate to get one.',
  );
  return {
    title: name,
    section: CREDENTIALS,
    content: html`${clientSecret === undefined ? '' : newSecret(clientId, clientSecret)}
<section>${about}</section>
<section><h2>Secrets</h2>${valid}</section>
${request.rights.has('credentials:manage') && status !== 'revoked' ? manage(request, credential) : ''}`,
  };
}

function newSecret(clientId: string, clientSecret: string): Markup {
  return secretsShownOnce(
    html`<strong>Copy the secret now.</strong> It is not shown again.`,
    ['client-id', 'Client ID', clientId],
    ['client-secret', 'Client secret', clientSecret],
  );
}

function validity(status: CredentialStatus, expiresAt: number | undefined): Markup | string {
  if (status === 'revoked') return 'no, the credential is deleted';
  const end = expiresAt === undefined ? 'until it is rotated' : html`until ${time(expiresAt)}`;
  return status === 'inactive' ? html`not while the credential is inactive; then ${end}` : end;
}

function manage(request: PortalRequest, { clientId, status, kind, roles }: Credential): Markup {
  const id = { id: clientId };
  const act = (name: string, content: Markup): Markup => request.form(`/portal/credential/${name}`, content, id);
  const rotate = html`<div class="row">${select('overlapMs', 'The secret before still works', OVERLAPS, '3600000')}
<p><button>Rotate</button></p></div>`;
  const toggle =
    status === 'active'
      ? act('deactivate', html`<button class="quiet">Deactivate</button>`)
      : act('reactivate', html`<button class="quiet">Reactivate</button>`);
  return html`<section><h2>New secret</h2>${act('rotate', rotate)}</section>
<section><h2>Access rights</h2>${act(
    'roles',
    html`${roleChoices(kind === 'api' ? API_ROLES : ALL_ROLES, roles)}
<p class="hint">Tokens that were issued before keep their scopes.</p>
<button>Save roles</button>`,
  )}</section>
<section><h2>End of use</h2><div class="row">${toggle}
<a class="button quiet" href="${credentialPath(clientId, '/delete')}">Delete</a></div></section>`;
}

/** The path of the page of a credential. The id is in the query, because URLs drop ".." from paths. */
export function credentialPath(clientId: string, act = ''): string {
  return `/portal/credential${act}?id=${encodeURIComponent(clientId)}`;
}

/** The word for a status in the portal. */
export function statusWord(status: CredentialStatus): string {
  return status === 'revoked' ? 'deleted' : status;
}

/** Finds the credential in the field `id`. @throws InvalidInput */
export function findCredential({ state, fields }: PortalRequest): Credential {
  const credential = state.credentials.find(fields.get('id') ?? '');
  if (credential === undefined) throw invalid('id', 'no credential has this client id');
  return credential;
}
