import { html } from 'hono/html';
import type { RequestLog } from '../state/request-log.ts';
import { type Markup, table, time } from './page/markup.ts';

const MOST_SHOWN = 50;

/** The newest requests; live, the page asks for itself again, which needs no script. */
export function requestSection(requestLog: RequestLog, isLive: boolean): Markup {
  const entries = requestLog.listAfter(Math.max(0, requestLog.total - MOST_SHOWN)).reverse();
  const rows = entries.map(({ at, endpoint, status, reason, realm = '', clientId = '' }) => [
    time(at),
    html`<code>${endpoint}</code>`,
    String(status),
    html`<code>${reason}</code>`,
    realm,
    clientId,
  ]);
  const heads = ['Time', 'Endpoint', 'Status', 'Reason', 'Realm', 'Client ID'];
  const toggle = isLive
    ? html`<a href="/portal/console">Stop following</a>, or watch: the page renews itself every two seconds.`
    : html`<a href="/portal/console?live=on">Follow live</a>`;
  return html`<p>${toggle}</p>${table('Latest requests', heads, rows, 'No request yet.')}`;
}
