import { html } from 'hono/html';
import { badge, table, time } from './page/markup.ts';
import type { PortalPage } from './portal-page.ts';

const PER_PAGE = 100;

/** Who did what, and who was refused what. */
export const auditPage: PortalPage = {
  method: 'GET',
  path: '/portal/audit-log',
  right: 'audit:see',
  respond(request) {
    const before = Number(request.field('before'));
    const entries = request.state.audit.list(PER_PAGE, Number.isSafeInteger(before) && before > 0 ? before : undefined);
    const rows = entries.map(({ at, actor, act, subject, outcome, detail }) => [
      time(at),
      actor,
      act,
      subject,
      badge(outcome),
      detail,
    ]);
    const last = entries.at(-1);
    const older =
      entries.length === PER_PAGE && last !== undefined
        ? html`<p><a href="/portal/audit-log?before=${last.id}">Older entries</a></p>`
        : '';
    return {
      title: 'Audit log',
      section: '/portal/audit-log',
      content: html`${table('Audit log', ['Time', 'Who', 'What', 'On', 'Outcome', 'Detail'], rows, 'No entry.')}${older}`,
    };
  },
};
