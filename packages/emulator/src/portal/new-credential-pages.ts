import { html } from 'hono/html';
import type { CredentialKind, Role } from '../storage/role.ts';
import { ALL_ROLES } from '../storage/role.ts';
import { alert, choices, field } from './page/field.ts';
import type { PortalPage, PortalResponse } from './portal-page.ts';
import type { PortalRequest } from './portal-request.ts';
import { roleChoices } from './portal-right.ts';
import { showCredential } from './show-credential.ts';

/** The form for a new credential, and what carries it out. */
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
  const text = { name: request.field('name'), realm: request.field('realm'), clientId: request.field('clientId') };
  const given = Object.fromEntries(Object.entries(text).filter(([, value]) => value !== ''));
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
    (problem) => showForm(request, { ...draft, ...text }, problem),
  );
}

function showForm(request: PortalRequest, draft: Draft, problem?: string): PortalResponse {
  const { roles, kind, name = '', realm = '', clientId = '' } = draft;
  const kinds = [
    ['api', 'API', 'for programs: asks for tokens'],
    ['portal', 'Portal', 'signs in here with client id and secret; never gets a token'],
  ] as const;
  const fields = html`
${choices('radio', 'kind', 'For', kinds, [kind])}
${roleChoices(ALL_ROLES, roles)}
${field('name', 'Name', { value: name, hint: 'A label for people. May be left empty.' })}
${field('realm', 'Realm', { value: realm, hint: 'The instance it belongs to. Left empty: local.' })}
${field('clientId', 'Client ID', { value: clientId, hint: 'Left empty: a random one.' })}
<p class="row"><button>Create</button><a class="button quiet" href="/portal/credentials">Cancel</a></p>`;
  return {
    title: 'New credential',
    section: '/portal/credentials',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${request.form('/portal/credentials', fields)}</section>`,
  };
}
