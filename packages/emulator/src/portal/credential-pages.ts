import { html } from 'hono/html';
import { ALL_ROLES, type CredentialKind, type CredentialSummary, type Role } from '../storage/credential.ts';
import { badge, type Column, choices, field, table, time } from './page/markup.ts';
import {
  confirmed,
  onSubmit,
  type PageContent,
  type PortalAction,
  type PortalPage,
  type PortalRequest,
  type PortalResponse,
} from './portal-page.ts';
import { roleChoices } from './portal-right.ts';
import { CREDENTIALS, credentialPath, findCredential, KINDS, showCredential, statusWord } from './show-credential.ts';

/** The pages of the credentials, and their actions. */
export const credentialPages: readonly PortalPage[] = [
  { method: 'GET', path: CREDENTIALS, right: 'credentials:see', respond: list },
  { method: 'GET', path: `${CREDENTIALS}/new`, right: 'credentials:manage', respond: showForm },
  onSubmit({ path: CREDENTIALS, right: 'credentials:manage', act: 'create credential', run: create, show: showForm }),
  {
    method: 'GET',
    path: '/portal/credential',
    right: 'credentials:see',
    respond: (request) => showCredential(request, findCredential(request).clientId),
  },
  onCredential('rotate', 'rotate secret', async (request, clientId) => {
    const overlapMs = request.number('overlapMs') as number;
    const { clientSecret } = await request.controls.credentials.rotate(clientId, { overlapMs });
    return showCredential(request, clientId, clientSecret);
  }),
  onCredential('roles', 'set roles', async (request, clientId) => {
    await request.controls.credentials.setRoles(clientId, request.fields.getAll('roles') as Role[]);
    return { to: credentialPath(clientId), notice: 'The roles were saved.' };
  }),
  onCredential('deactivate', 'deactivate credential', async ({ controls }, clientId) => {
    await controls.credentials.deactivate(clientId);
    return { to: credentialPath(clientId), notice: 'The credential gets no tokens until it is reactivated.' };
  }),
  onCredential('reactivate', 'reactivate credential', async ({ controls }, clientId) => {
    await controls.credentials.reactivate(clientId);
    return { to: credentialPath(clientId), notice: 'The credential gets tokens again.' };
  }),
  ...confirmed(
    onCredential('delete', 'delete credential', async ({ controls }, clientId) => {
      await controls.credentials.revoke(clientId);
      return { to: credentialPath(clientId), notice: 'The credential was deleted, and its tokens were revoked.' };
    }),
    (request) => {
      const { clientId, name = clientId } = findCredential(request);
      return {
        title: `Delete ${name}?`,
        section: CREDENTIALS,
        warning:
          'Its tokens and its secret become invalid at once, and its client id cannot be used again. This cannot be undone. ' +
          'To stop its use for some time, deactivate it instead.',
        button: 'Delete',
        cancel: credentialPath(clientId),
      };
    },
  ),
];

function onCredential(name: string, act: string, run: PortalAction['run']): PortalPage {
  const find = (request: PortalRequest): string => findCredential(request).clientId;
  const path = `/portal/credential/${name}`;
  return onSubmit({ path, right: 'credentials:manage', act, find, run, show: showCredential });
}

const COLUMNS: readonly Column<CredentialSummary>[] = [
  ['Client ID', ({ clientId }) => html`<a href="${credentialPath(clientId)}"><code>${clientId}</code></a>`],
  ['Name', ({ name = '' }) => name],
  ['Status', ({ status }) => badge(statusWord(status))],
  ['For', ({ kind }) => KINDS[kind]],
  ['Realm', ({ realm }) => realm],
  ['Roles', ({ roles }) => roles.join(', ')],
  ['Since', ({ createdAt }) => time(createdAt)],
];

async function list(request: PortalRequest): Promise<PageContent> {
  const credentials = await request.controls.credentials.list();
  const action = request.rights.has('credentials:manage')
    ? html`<p class="row"><a class="button" href="${CREDENTIALS}/new">New credential</a></p>`
    : '';
  const content = html`${action}${table('Credentials', credentials, COLUMNS, 'No credentials yet.')}`;
  return { title: 'Credentials', section: CREDENTIALS, content };
}

async function create(request: PortalRequest): Promise<PortalResponse> {
  const roles = request.fields.getAll('roles') as Role[];
  const kind = (request.field('kind') || 'api') as CredentialKind;
  const names = ['name', 'realm', 'clientId'].map((name) => [name, request.field(name)] as const);
  const given = Object.fromEntries(names.filter(([, value]) => value !== ''));
  const { clientId, clientSecret } = await request.controls.credentials.create({ ...given, roles, kind });
  return { ...showCredential(request, clientId, clientSecret), status: 201, recorded: { subject: clientId } };
}

/** The form for a new credential, with the values of a rejected one. */
function showForm(request: PortalRequest): PageContent {
  const roles = request.fields.has('form') ? request.fields.getAll('roles') : ['reader'];
  const kinds = [
    ['api', 'API', 'for programs: gets tokens'],
    ['portal', 'Portal', 'for people: signs in to the portal with client id and secret, and gets no tokens'],
  ] as const;
  const text = (name: string, label: string, hint: string) => field(name, label, { value: request.field(name), hint });
  const content = html`${choices('radio', 'kind', 'For', kinds, [request.field('kind') || 'api'])}
${roleChoices(ALL_ROLES, roles)}
${text('name', 'Name', 'A label. Optional.')}
${text('realm', 'Realm', 'The instellix instance. Default: local.')}
${text('clientId', 'Client ID', 'Default: a random UUID.')}
<p class="row"><button>Create</button><a class="button quiet" href="${CREDENTIALS}">Cancel</a></p>`;
  return {
    title: 'New credential',
    section: CREDENTIALS,
    content: html`<section>${request.form(CREDENTIALS, content)}</section>`,
  };
}
