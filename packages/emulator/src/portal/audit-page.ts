import { html } from 'hono/html';
import { badge, table, time } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';

const PER_PAGE = 100;

/** The audit log. */
export const auditPage: PortalPage = {
  method: 'GET',
  path: '/portal/audit-log',
  right: 'audit:see',
  respond(request) {
    const before = Number(request.field('before'));
    const end = Number.isSafeInteger(before) && before > 0 ? before : Number.MAX_SAFE_INTEGER;
    const entries = request.state.audit.list(end, PER_PAGE);
    const log = table(
      'Audit log',
      entries,
      [
        ['Time', ({ at }) => time(at)],
        ['Who', ({ actor }) => actor],
        ['What', ({ act }) => act],
        ['On', ({ subject }) => subject],
        ['Outcome', ({ outcome }) => badge(outcome)],
        ['Detail', ({ detail }) => detail],
      ],
      'No entries.',
    );
    const isLast = entries.length < PER_PAGE;
    const older = html`<p><a href="/portal/audit-log?before=${entries.at(-1)?.id}">Older entries</a></p>`;
    return { title: 'Audit log', section: '/portal/audit-log', content: html`${log}${isLast ? '' : older}` };
  },
};
