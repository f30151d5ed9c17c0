import { html } from 'hono/html';
import { invalid } from '../state/validate.ts';
import { ALL_ROLES, API_ROLES, type CredentialStatus, type CredentialSummary } from '../storage/credential.ts';
import { alert, badge, facts, type Markup, output, select, table, time } from './page/markup.ts';
import type { PortalRequest, PortalResponse } from './portal-page.ts';
import { roleChoices } from './portal-right.ts';

/** Additional content of the page of a credential. */
export interface CredentialExtras {
  /** A new secret. Only this response shows it. */
  readonly clientSecret?: string;
  readonly problem?: string;
  readonly status?: number;
}

const OVERLAPS: readonly (readonly [ms: string, label: string])[] = [
  ['0', 'no time'],
  ['60000', 'one minute'],
  ['3600000', 'one hour'],
  ['86400000', 'one day'],
  ['604800000', 'seven days'],
];

/** The page of a credential. @throws InvalidInput when it does not exist. */
export async function showCredential(
  request: PortalRequest,
  clientId: string,
  extras: CredentialExtras = {},
): Promise<PortalResponse> {
  const credential = await findCredential(request, clientId);
  const { clientSecret, problem, status = problem === undefined ? 200 : 400 } = extras;
  return {
    title: credential.name ?? clientId,
    section: '/portal/credentials',
    status,
    content: html`${alert(problem)}${clientSecret === undefined ? '' : newSecret(clientId, clientSecret)}
<section>${describe(credential)}</section>
<section><h2>Secrets</h2>${secrets(credential)}</section>
${request.may('credentials:manage') && credential.status !== 'revoked' ? manage(request, credential) : ''}`,
  };
}

function newSecret(clientId: string, clientSecret: string): Markup {
  return html`<div class="once" role="status">
<p><strong>Copy the secret now.</strong> It is not shown again.</p>
${output('client-id', 'Client ID', clientId)}
${output('client-secret', 'Client secret', clientSecret)}
</div>`;
}

function describe({ clientId, kind, realm, roles, status, createdAt }: CredentialSummary): Markup {
  return facts([
    ['Client ID', html`<code>${clientId}</code>`],
    ['Status', badge(statusWord(status))],
    ['For', kind === 'api' ? 'API' : 'Portal'],
    ['Realm', realm],
    ['Roles', roles.join(', ')],
    ['Since', time(createdAt)],
  ]);
}

function secrets(credential: CredentialSummary): Markup {
  const rows = credential.secrets.map(({ createdAt, expiresAt }, index) => [
    index === 0 ? 'current' : 'previous',
    time(createdAt),
    validity(credential.status, expiresAt),
  ]);
  return table('Secrets', ['Secret', 'Since', 'Valid'], rows, 'No secret is valid. Rotate to get one.');
}

function validity(status: CredentialStatus, expiresAt: number | undefined): Markup | string {
  if (status === 'revoked') return 'no, the credential is deleted';
  const end = expiresAt === undefined ? 'until it is rotated' : html`until ${time(expiresAt)}`;
  return status === 'inactive' ? html`not while the credential is inactive; then ${end}` : end;
}

function manage(request: PortalRequest, { clientId, status, kind, roles }: CredentialSummary): Markup {
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
<a class="button danger" href="${credentialPath(clientId, '/delete')}">Delete</a></div></section>`;
}

/** The path of the page of a credential. The id is in the query, because URLs drop ".." from paths. */
export function credentialPath(clientId: string, act = ''): string {
  return `/portal/credential${act}?id=${encodeURIComponent(clientId)}`;
}

/** The word for a status in the portal. */
export function statusWord(status: CredentialStatus): string {
  return status === 'revoked' ? 'deleted' : status;
}

/** Finds a credential, by default the one in the field `id`. @throws InvalidInput */
export async function findCredential(
  request: PortalRequest,
  clientId = request.fields.get('id') ?? '',
): Promise<CredentialSummary> {
  const credential = (await request.controls.credentials.list()).find((one) => one.clientId === clientId);
  if (credential === undefined) throw invalid('id', 'no credential has this client id');
  return credential;
}
