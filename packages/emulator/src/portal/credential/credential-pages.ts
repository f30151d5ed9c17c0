import { html } from 'hono/html';
import type { Role } from '../../credential/role.ts';
import { readInteger } from '../../input/read-integer.ts';
import type { PortalPage } from '../portal-page.ts';
import type { Reply } from '../reply.ts';
import type { Visit } from '../visit.ts';
import { credentialPath, findCredential } from './credential-words.ts';
import { showCredential } from './show-credential.ts';

const LONGEST_OVERLAP_MS = 31_536_000_000;

/** The page of one credential, and everything that can be done there. */
export const credentialPages: readonly PortalPage[] = [
  {
    method: 'GET',
    path: '/portal/credential',
    right: 'credentials:see',
    answer: async (visit) => showCredential(visit, (await findCredential(visit)).clientId),
  },
  { method: 'POST', path: '/portal/credential/rotate', right: 'credentials:manage', answer: rotate },
  onCredential('roles', 'set roles', 'The roles are saved.', (visit, clientId) =>
    visit.controls.credentials.setRoles(clientId, visit.fields.getAll('roles') as Role[]),
  ),
  onCredential('deactivate', 'deactivate credential', 'It gets no more tokens until it is reactivated.', (visit, id) =>
    visit.controls.credentials.deactivate(id),
  ),
  onCredential('reactivate', 'reactivate credential', 'It gets tokens again.', (visit, id) =>
    visit.controls.credentials.reactivate(id),
  ),
  { method: 'GET', path: '/portal/credential/delete', right: 'credentials:manage', answer: confirmDelete },
  onCredential('delete', 'delete credential', 'It is gone for good, and its tokens with it.', (visit, id) =>
    visit.controls.credentials.revoke(id),
  ),
];

async function rotate(visit: Visit): Promise<Reply> {
  const { clientId } = await findCredential(visit);
  return visit.attempt(
    'rotate secret',
    clientId,
    async () => {
      const overlapMs = readInteger(Number(visit.field('overlapMs') || Number.NaN), 'overlap', 0, LONGEST_OVERLAP_MS);
      const { clientSecret } = await visit.controls.credentials.rotate(clientId, { overlapMs });
      return showCredential(visit, clientId, { clientSecret });
    },
    (problem) => showCredential(visit, clientId, { problem }),
  );
}

function onCredential(
  name: string,
  act: string,
  notice: string,
  work: (visit: Visit, clientId: string) => Promise<void>,
): PortalPage {
  return {
    method: 'POST',
    path: `/portal/credential/${name}`,
    right: 'credentials:manage',
    async answer(visit) {
      const { clientId } = await findCredential(visit);
      return visit.attempt(
        act,
        clientId,
        async () => {
          await work(visit, clientId);
          return { to: credentialPath(clientId), notice };
        },
        (problem) => showCredential(visit, clientId, { problem }),
      );
    },
  };
}

async function confirmDelete(visit: Visit): Promise<Reply> {
  const { clientId, name = clientId } = await findCredential(visit);
  const form = visit.form(
    '/portal/credential/delete',
    html`<p class="row"><button class="danger">Delete</button><a class="button quiet" href="${credentialPath(clientId)}">Cancel</a></p>`,
    { id: clientId },
  );
  return {
    title: `Delete ${name}?`,
    section: '/portal/credentials',
    content: html`<section><p>Its tokens end at once, its secret never works again, and its client id is never free
again. To stop it for a while, deactivate it instead.</p>${form}</section>`,
  };
}
