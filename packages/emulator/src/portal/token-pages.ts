import { html } from 'hono/html';
import { invalid } from '../state/validate.ts';
import type { StoredToken } from '../storage/rows.ts';
import { type Column, table, time } from './page/markup.ts';
import { onSubmit, type PageContent, type PortalPage, type PortalRequest } from './portal-page.ts';

const MAX_SHOWN = 200;
const PATH = '/portal/tokens';

/** The valid tokens. */
export const tokenPages: readonly PortalPage[] = [
  { method: 'GET', path: PATH, right: 'tokens:see', respond: show },
  onSubmit({
    path: `${PATH}/revoke`,
    right: 'tokens:revoke',
    act: 'revoke token',
    run(request) {
      const id = Number(request.field('id'));
      const revoked = Number.isSafeInteger(id) ? request.state.tokens.revoke(id) : undefined;
      if (revoked === undefined) throw invalid('', 'this token is no longer valid');
      const { clientId } = revoked;
      const recorded = { subject: clientId, detail: `token ${id}` };
      return { to: PATH, notice: `Token ${id} of ${clientId} was revoked.`, recorded };
    },
    show,
  }),
];

const COLUMNS: readonly Column<StoredToken>[] = [
  ['Number', ({ id }) => String(id)],
  ['Client ID', ({ clientId }) => html`<code>${clientId}</code>`],
  ['Realm', ({ realm }) => realm],
  ['Scopes', ({ scopes }) => (scopes.length === 0 ? 'none' : scopes.join(', '))],
  ['Issued', ({ issuedAt }) => time(issuedAt)],
  ['Ends', ({ expiresAt }) => time(expiresAt)],
];

function show(request: PortalRequest): PageContent {
  const { tokens, clock } = request.state;
  const live = tokens.listLive(clock.now(), MAX_SHOWN);
  const count = tokens.countLive(clock.now());
  const action: Column<StoredToken> = [
    'Action',
    ({ id }) => request.button(`${PATH}/revoke`, 'Revoke', `token ${id}`, { id: String(id) }),
  ];
  const columns = request.rights.has('tokens:revoke') ? [...COLUMNS, action] : COLUMNS;
  return {
    title: 'Live tokens',
    section: PATH,
    content: html`<p>${count === 0 ? '' : `${count} valid tokens, the newest first. `}The emulator stores
only their digests.</p>${table('Live tokens', live, columns, 'No valid tokens.')}${
      count > live.length ? html`<p class="hint">The newest ${live.length} are shown.</p>` : ''
    }`,
  };
}
