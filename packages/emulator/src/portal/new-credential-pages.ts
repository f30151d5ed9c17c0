import { html } from 'hono/html';
import { ALL_ROLES, type CredentialKind, type Role } from '../storage/credential.ts';
import { alert, badge, choices, field, table, time } from './page/markup.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';
import { roleChoices } from './portal-right.ts';
import { credentialPath, showCredential, statusWord } from './show-credential.ts';

/** The list of all credentials. */
export const credentialListPage: PortalPage = {
  method: 'GET',
  path: '/portal/credentials',
  right: 'credentials:see',
  async respond(request) {
    const credentials = await request.controls.credentials.list();
    const rows = credentials.map(({ clientId, name = '', kind, realm, roles, status, createdAt }) => [
      html`<a href="${credentialPath(clientId)}"><code>${clientId}</code></a>`,
      name,
      badge(statusWord(status)),
      kind === 'api' ? 'API' : 'Portal',
      realm,
      roles.join(', '),
      time(createdAt),
    ]);
    const heads = ['Client ID', 'Name', 'Status', 'For', 'Realm', 'Roles', 'Since'];
    const action = request.may('credentials:manage')
      ? html`<p class="bar"><a class="button" href="/portal/credentials/new">New credential</a></p>`
      : '';
    return {
      title: 'Credentials',
      section: '/portal/credentials',
      content: html`${action}${table('Credentials', heads, rows, 'No credentials yet.')}`,
    };
  },
};

/** The form for a new credential, and its action. */
export const newCredentialPages: readonly PortalPage[] = [
  {
    method: 'GET',
    path: '/portal/credentials/new',
    right: 'credentials:manage',
    respond: (request) => showForm(request, { roles: ['reader'], kind: 'api' }),
  },
  { method: 'POST', path: '/portal/credentials', right: 'credentials:manage', respond: create },
];

interface Draft {
  readonly roles: readonly string[];
  readonly kind: string;
  readonly name?: string;
  readonly realm?: string;
  readonly clientId?: string;
}

async function create(request: PortalRequest): Promise<PortalResponse> {
  const kind = request.field('kind') || 'api';
  const draft = { roles: request.fields.getAll('roles'), kind };
  const names = { name: request.field('name'), realm: request.field('realm'), clientId: request.field('clientId') };
  const given = Object.fromEntries(Object.entries(names).filter(([, value]) => value !== ''));
  let subject = '';
  return request.attempt(
    'create credential',
    () => subject,
    async () => {
      const options = { ...given, roles: draft.roles as Role[], kind: kind as CredentialKind };
      const { clientId, clientSecret } = await request.controls.credentials.create(options);
      subject = clientId;
      return showCredential(request, clientId, { clientSecret, status: 201 });
    },
    (problem) => showForm(request, { ...draft, ...names }, problem),
  );
}

function showForm(request: PortalRequest, draft: Draft, problem?: string): PortalResponse {
  const { roles, kind, name = '', realm = '', clientId = '' } = draft;
  const kinds = [
    ['api', 'API', 'for programs: gets tokens'],
    ['portal', 'Portal', 'for people: signs in to the portal with client id and secret, and gets no tokens'],
  ] as const;
  const fields = html`
${choices('radio', 'kind', 'For', kinds, [kind])}
${roleChoices(ALL_ROLES, roles)}
${field('name', 'Name', { value: name, hint: 'A label. Optional.' })}
${field('realm', 'Realm', { value: realm, hint: 'The instellix instance. Default: local.' })}
${field('clientId', 'Client ID', { value: clientId, hint: 'Default: a random UUID.' })}
<p class="row"><button>Create</button><a class="button quiet" href="/portal/credentials">Cancel</a></p>`;
  return {
    title: 'New credential',
    section: '/portal/credentials',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${request.form('/portal/credentials', fields)}</section>`,
  };
}
