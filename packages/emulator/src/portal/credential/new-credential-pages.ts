import { html } from 'hono/html';
import type { CredentialKind, Role } from '../../credential/role.ts';
import { alert, choices, field } from '../page/field.ts';
import type { PortalPage } from '../portal-page.ts';
import type { Reply } from '../reply.ts';
import { ROLES, roleChoices } from '../role/role-choices.ts';
import type { Visit } from '../visit.ts';
import { showCredential } from './show-credential.ts';

/** The form for a new credential, and what carries it out. */
export const newCredentialPages: readonly PortalPage[] = [
  {
    method: 'GET',
    path: '/portal/credentials/new',
    right: 'credentials:manage',
    answer: (visit) => showForm(visit, { roles: ['reader'], kind: 'api' }),
  },
  { method: 'POST', path: '/portal/credentials', right: 'credentials:manage', answer: create },
];

interface Draft {
  readonly roles: readonly string[];
  readonly kind: string;
  readonly name?: string;
  readonly realm?: string;
  readonly clientId?: string;
}

async function create(visit: Visit): Promise<Reply> {
  const kind = visit.field('kind') || 'api';
  const draft = { roles: visit.fields.getAll('roles'), kind };
  const text = { name: visit.field('name'), realm: visit.field('realm'), clientId: visit.field('clientId') };
  const given = Object.fromEntries(Object.entries(text).filter(([, value]) => value !== ''));
  let subject = '';
  return visit.attempt(
    'create credential',
    () => subject,
    async () => {
      const options = { ...given, roles: draft.roles as Role[], kind: kind as CredentialKind };
      const { clientId, clientSecret } = await visit.controls.credentials.create(options);
      subject = clientId;
      return showCredential(visit, clientId, { clientSecret, status: 201 });
    },
    (problem) => showForm(visit, { ...draft, ...text }, problem),
  );
}

function showForm(visit: Visit, draft: Draft, problem?: string): Reply {
  const { roles, kind, name = '', realm = '', clientId = '' } = draft;
  const kinds = [
    ['api', 'API', 'for programs: asks for tokens'],
    ['portal', 'Portal', 'signs in here with client id and secret; never gets a token'],
  ] as const;
  const fields = html`
${choices('radio', 'kind', 'For', kinds, [kind])}
${roleChoices(ROLES, roles)}
${field('name', 'Name', { value: name, hint: 'A label for people. May be left empty.' })}
${field('realm', 'Realm', { value: realm, hint: 'The instance it belongs to. Left empty: local.' })}
${field('clientId', 'Client ID', { value: clientId, hint: 'Left empty: a random one.' })}
<p class="row"><button>Create</button><a class="button quiet" href="/portal/credentials">Cancel</a></p>`;
  return {
    title: 'New credential',
    section: '/portal/credentials',
    status: problem === undefined ? 200 : 400,
    content: html`${alert(problem)}<section>${visit.form('/portal/credentials', fields)}</section>`,
  };
}
