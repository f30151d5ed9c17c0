import { html } from 'hono/html';
import { invalid } from '../state/validate.ts';
import { type Markup, table, time } from './page/markup.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';

const MAX_SHOWN = 200;

/** The valid tokens. */
export const tokenPages: readonly PortalPage[] = [
  { method: 'GET', path: '/portal/tokens', right: 'tokens:see', respond: (request) => show(request) },
  { method: 'POST', path: '/portal/tokens/revoke', right: 'tokens:revoke', respond: revoke },
];

function show(request: PortalRequest): PortalResponse {
  const { tokens, clock } = request.state;
  const live = tokens.listLive(clock.now(), MAX_SHOWN);
  const count = tokens.countLive(clock.now());
  const mayRevoke = request.may('tokens:revoke');
  const rows = live.map(({ id, clientId, realm, scopes, issuedAt, expiresAt }) => [
    html`<span class="number">${id}</span>`,
    html`<code>${clientId}</code>`,
    realm,
    scopes.length === 0 ? 'none' : scopes.join(', '),
    time(issuedAt),
    time(expiresAt),
    ...(mayRevoke ? [revokeButton(request, id)] : []),
  ]);
  const heads = ['Number', 'Client ID', 'Realm', 'Scopes', 'Issued', 'Ends', ...(mayRevoke ? ['Action'] : [])];
  return {
    title: 'Live tokens',
    section: '/portal/tokens',
    content: html`<p>${count === 0 ? '' : `${count} valid tokens, the newest first. `}The emulator stores
only their digests.</p>${table('Live tokens', heads, rows, 'No valid tokens.')}${
      count > live.length ? html`<p class="hint">The newest ${live.length} are shown.</p>` : ''
    }`,
  };
}

function revokeButton(request: PortalRequest, id: number): Markup {
  const button = html`<button class="quiet">Revoke<span class="unseen"> token ${id}</span></button>`;
  return request.form('/portal/tokens/revoke', button, { id: String(id) });
}

function revoke(request: PortalRequest): PortalResponse {
  const id = Number(request.field('id'));
  const clientId = Number.isSafeInteger(id) ? request.state.tokens.revoke(id)?.clientId : undefined;
  if (clientId === undefined) throw invalid('id', 'this token is no longer valid');
  request.record('revoke token', clientId, `token ${id}`);
  return { to: '/portal/tokens', notice: `Token ${id} of ${clientId} was revoked.` };
}
