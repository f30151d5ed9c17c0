import { html } from 'hono/html';
import type { Role } from '../storage/credential.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';
import { credentialPath, findCredential, showCredential } from './show-credential.ts';

/** The page of one credential, and everything that can be done there. */
export const credentialPages: readonly PortalPage[] = [
  {
    method: 'GET',
    path: '/portal/credential',
    right: 'credentials:see',
    respond: async (request) => showCredential(request, (await findCredential(request)).clientId),
  },
  { method: 'POST', path: '/portal/credential/rotate', right: 'credentials:manage', respond: rotate },
  onCredential('roles', 'set roles', 'The roles are saved.', (request, clientId) =>
    request.controls.credentials.setRoles(clientId, request.fields.getAll('roles') as Role[]),
  ),
  onCredential(
    'deactivate',
    'deactivate credential',
    'It gets no more tokens until it is reactivated.',
    (request, id) => request.controls.credentials.deactivate(id),
  ),
  onCredential('reactivate', 'reactivate credential', 'It gets tokens again.', (request, id) =>
    request.controls.credentials.reactivate(id),
  ),
  { method: 'GET', path: '/portal/credential/delete', right: 'credentials:manage', respond: confirmDelete },
  onCredential('delete', 'delete credential', 'It is gone for good, and its tokens with it.', (request, id) =>
    request.controls.credentials.revoke(id),
  ),
];

async function rotate(request: PortalRequest): Promise<PortalResponse> {
  const { clientId } = await findCredential(request);
  return request.attempt(
    'rotate secret',
    clientId,
    async () => {
      const overlapMs = Number(request.field('overlapMs') || Number.NaN);
      const { clientSecret } = await request.controls.credentials.rotate(clientId, { overlapMs });
      return showCredential(request, clientId, { clientSecret });
    },
    (problem) => showCredential(request, clientId, { problem }),
  );
}

function onCredential(
  name: string,
  act: string,
  notice: string,
  work: (request: PortalRequest, clientId: string) => Promise<void>,
): PortalPage {
  return {
    method: 'POST',
    path: `/portal/credential/${name}`,
    right: 'credentials:manage',
    async respond(request) {
      const { clientId } = await findCredential(request);
      return request.attempt(
        act,
        clientId,
        async () => {
          await work(request, clientId);
          return { to: credentialPath(clientId), notice };
        },
        (problem) => showCredential(request, clientId, { problem }),
      );
    },
  };
}

async function confirmDelete(request: PortalRequest): Promise<PortalResponse> {
  const { clientId, name = clientId } = await findCredential(request);
  const form = request.form(
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
