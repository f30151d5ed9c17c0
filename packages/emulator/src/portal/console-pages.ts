import { html } from 'hono/html';
import type { Fault } from '../state/fault.ts';
import type { RequestEntry } from '../state/request-log.ts';
import { UNIT_MS } from '../state/schemas.ts';
import { type Column, facts, field, type Markup, select, table, time } from './page/markup.ts';
import {
  confirmed,
  onSubmit,
  type PageContent,
  type PortalAction,
  type PortalPage,
  type PortalRequest,
} from './portal-page.ts';

const PATH = '/portal/console';
const UNITS = Object.entries({ s: 'seconds', m: 'minutes', h: 'hours', d: 'days' });

const SOCKETS = ['', 'reset', 'hang', 'truncate'].map((value) => [value, value || 'none'] as const);

/** The emulator console, which instellix does not have. */
export const consolePages: readonly PortalPage[] = [
  { method: 'GET', path: PATH, right: 'emulator:control', respond: show },
  onConsole('clock', 'advance clock', async (request) => {
    const ms = Number(request.number('amount')) * (UNIT_MS[request.field('unit')] ?? Number.NaN);
    await request.controls.clock.advance(ms);
    return { to: PATH, notice: `The clock was advanced by ${ms} ms.` };
  }),
  onConsole('fault', 'add fault', async (request) => {
    const { id } = await request.controls.faults.add(toFault(request));
    return { to: PATH, notice: `${id} was added.` };
  }),
  onConsole('fault/remove', 'remove fault', async (request) => {
    await request.controls.faults.remove(request.field('id'));
    return { to: PATH, notice: 'The fault was removed.' };
  }),
  ...confirmed(
    onConsole('reset', 'reset', async ({ controls }) => {
      await controls.reset();
      return { to: '/portal/sign-in?why=reset' };
    }),
    () => ({
      title: 'Reset the emulator?',
      section: PATH,
      warning: 'A reset removes everything that was created since the start, including the audit log.',
      button: 'Reset',
      cancel: PATH,
    }),
  ),
];

function onConsole(name: string, act: string, run: PortalAction['run']): PortalPage {
  return onSubmit({ path: `${PATH}/${name}`, right: 'emulator:control', act, run, show });
}

function show(request: PortalRequest): PageContent {
  const isLive = request.field('live') === 'on';
  const requests = html`<section><h2>Requests</h2>${latestRequests(request, isLive)}</section>`;
  // Without the forms while the page reloads itself, because a reload clears the fields.
  const content = isLive
    ? requests
    : html`<section><h2>Clock</h2>${clock(request)}</section>
<section><h2>Faults</h2>${faults(request)}</section>
${requests}
<section><h2>Start over</h2><p>A reset restores the seed: credentials, users, tokens, customers, faults and requests.</p>
<a class="button quiet" href="${PATH}/reset">Reset</a></section>`;
  return {
    title: 'Emulator console',
    section: PATH,
    ...(isLive && { headers: { refresh: `2; url=${PATH}?live=on` } }),
    content: html`<p>This page is not part of instellix. It controls the emulator, for tests and demonstrations.</p>
${content}`,
  };
}

/** The value of a field in a rejected form, so that the user need not enter it again; otherwise the initial value. */
function draft(request: PortalRequest, name: string, first = ''): string {
  return request.fields.get(name) ?? first;
}

function clock(request: PortalRequest): Markup {
  const form = request.form(
    `${PATH}/clock`,
    html`<div class="row">${field('amount', 'Amount', { type: 'number', value: draft(request, 'amount', '5') })}
${select('unit', 'Unit', UNITS, draft(request, 'unit', 'm'))}
<p><button>Advance</button></p></div>`,
  );
  return html`${facts([['Now', time(request.state.clock.now())]])}${form}`;
}

function faults(request: PortalRequest): Markup {
  const list = table(
    'Faults',
    request.state.faults.list(),
    [
      ['Fault', ({ id }) => id],
      ['Requests', ({ fault }) => html`<code>${fault.on}</code>`],
      ['What', ({ fault: { on: _on, ...what } }) => html`<code>${JSON.stringify(what)}</code>`],
      ['Hits', ({ hits }) => String(hits)],
      ['Action', ({ id }) => request.button(`${PATH}/fault/remove`, 'Remove', id, { id })],
    ],
    'No faults.',
  );
  const form = request.form(
    `${PATH}/fault`,
    html`<div class="row">${field('on', 'Requests', { value: draft(request, 'on', 'token'), hint: 'or GET /customers' })}
${field('status', 'Status', { type: 'number', value: draft(request, 'status', '503') })}
${field('delayMs', 'Delay in ms', { type: 'number', value: draft(request, 'delayMs') })}
${field('times', 'Times', { type: 'number', value: draft(request, 'times', '1') })}
${select('socket', 'Connection', SOCKETS, draft(request, 'socket'))}
<p><button>Add fault</button></p></div>`,
  );
  return html`${list}${form}`;
}

/** The fault in a form. The schema checks it. */
function toFault(request: PortalRequest): Fault {
  const status = request.number('status');
  return {
    on: request.field('on'),
    respond: status === undefined ? undefined : { status },
    delayMs: request.number('delayMs'),
    times: request.number('times'),
    socket: request.field('socket') || undefined,
  } as Fault;
}

const MAX_SHOWN = 50;

const COLUMNS: readonly Column<RequestEntry>[] = [
  ['Time', ({ at }) => time(at)],
  ['Endpoint', ({ endpoint }) => html`<code>${endpoint}</code>`],
  ['Status', ({ status }) => String(status)],
  ['Reason', ({ reason }) => html`<code>${reason}</code>`],
  ['Realm', ({ realm = '' }) => realm],
  ['Client ID', ({ clientId = '' }) => clientId],
];

/** The newest requests. A live page reloads itself with a `Refresh` header, without a script. */
function latestRequests({ state: { requestLog } }: PortalRequest, isLive: boolean): Markup {
  const entries = requestLog.listAfter(Math.max(0, requestLog.total - MAX_SHOWN)).reverse();
  const toggle = isLive
    ? html`<a href="${PATH}">Stop following</a>. This page reloads every two seconds.`
    : html`<a href="${PATH}?live=on">Follow live</a>`;
  return html`<p>${toggle}</p>${table('Latest requests', entries, COLUMNS, 'No requests yet.')}`;
}
