import { html } from 'hono/html';
import { credentialPath, statusWord } from './credential-words.ts';
import { badge, table, time } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';

/** All credentials. */
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
      content: html`${action}${table('Credentials', heads, rows, 'No credential yet.')}`,
    };
  },
};
