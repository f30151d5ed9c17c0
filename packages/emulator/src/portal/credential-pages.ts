import { html } from 'hono/html';
import type { Role } from '../storage/credential.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';
import { credentialPath, findCredential, showCredential } from './show-credential.ts';

/** The page of a credential, and its actions. */
export const credentialPages: readonly PortalPage[] = [
  {
    method: 'GET',
    path: '/portal/credential',
    right: 'credentials:see',
    respond: async (request) => showCredential(request, (await findCredential(request)).clientId),
  },
  { method: 'POST', path: '/portal/credential/rotate', right: 'credentials:manage', respond: rotate },
  onCredential('roles', 'set roles', 'The roles were saved.', (request, clientId) =>
    request.controls.credentials.setRoles(clientId, request.fields.getAll('roles') as Role[]),
  ),
  onCredential(
    'deactivate',
    'deactivate credential',
    'The credential gets no tokens until it is reactivated.',
    (request, id) => request.controls.credentials.deactivate(id),
  ),
  onCredential('reactivate', 'reactivate credential', 'The credential gets tokens again.', (request, id) =>
    request.controls.credentials.reactivate(id),
  ),
  { method: 'GET', path: '/portal/credential/delete', right: 'credentials:manage', respond: confirmDelete },
  onCredential(
    'delete',
    'delete credential',
    'The credential was deleted, and its tokens were revoked.',
    (request, id) => request.controls.credentials.revoke(id),
  ),
];

async function rotate(request: PortalRequest): Promise<PortalResponse> {
  const { clientId } = await findCredential(request);
  return request.attempt(
    'rotate secret',
    clientId,
    async () => {
      const overlapMs = request.number('overlapMs') as number;
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
    content: html`<section><p>Its tokens and its secret become invalid at once, and its client id cannot be used again. This
cannot be undone. To stop its use for some time, deactivate it instead.</p>${form}</section>`,
  };
}
