import { html } from 'hono/html';
import type { Fault, FaultSummary } from '../state/fault.ts';
import type { RequestLog } from '../state/request-log.ts';
import { UNIT_MS } from '../state/schemas.ts';
import { alert, facts, field, type Markup, select, table, time } from './page/markup.ts';
import type { PortalPage, PortalRequest, PortalResponse } from './portal-page.ts';

const PATH = '/portal/console';
const UNITS = [
  ['s', 'seconds'],
  ['m', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
] as const;

/** The emulator console, which instellix does not have. */
export const consolePages: readonly PortalPage[] = [
  { method: 'GET', path: PATH, right: 'emulator:control', respond: (request) => show(request) },
  onConsole('clock', 'advance clock', async (request) => {
    const ms = Number(request.number('amount')) * (UNIT_MS[request.field('unit')] ?? Number.NaN);
    await request.controls.clock.advance(ms);
    return `The clock was advanced by ${ms} ms.`;
  }),
  onConsole('fault', 'add fault', async (request) => {
    const { id } = await request.controls.faults.add(toFault(request));
    return `${id} was added.`;
  }),
  onConsole('fault/remove', 'remove fault', async (request) => {
    await request.controls.faults.remove(request.field('id'));
    return 'The fault was removed.';
  }),
  { method: 'GET', path: `${PATH}/reset`, right: 'emulator:control', respond: confirmReset },
  { method: 'POST', path: `${PATH}/reset`, right: 'emulator:control', respond: reset },
];

function onConsole(name: string, act: string, work: (request: PortalRequest) => Promise<string>): PortalPage {
  return {
    method: 'POST',
    path: `${PATH}/${name}`,
    right: 'emulator:control',
    respond: (request) =>
      request.attempt(
        act,
        '',
        async () => ({ to: PATH, notice: await work(request) }),
        (problem) => show(request, problem),
      ),
  };
}

async function show(request: PortalRequest, problem?: string): Promise<PortalResponse> {
  const isLive = request.field('live') === 'on';
  return {
    title: 'Emulator console',
    section: PATH,
    status: problem === undefined ? 200 : 400,
    ...(isLive && { headers: { refresh: `2; url=${PATH}?live=on` } }),
    content: html`${alert(problem)}<p>This page is not part of instellix. It controls the emulator, for tests and demonstrations.</p>
${isLive ? requests(request, isLive) : html`${controls(request, await request.controls.faults.list())}${requests(request, isLive)}${startOver()}`}`,
  };
}

/** Left out while the page reloads itself, because a reload clears the fields. */
function controls(request: PortalRequest, known: readonly FaultSummary[]): Markup {
  return html`<section><h2>Clock</h2>${clock(request)}</section>
<section><h2>Faults</h2>${faults(request, known)}</section>`;
}

function requests(request: PortalRequest, isLive: boolean): Markup {
  return html`<section><h2>Requests</h2>${requestSection(request.state.requestLog, isLive)}</section>`;
}

function startOver(): Markup {
  return html`<section><h2>Start over</h2><p>A reset restores the seed: credentials, users, tokens, customers, faults and requests.</p>
<a class="button danger" href="${PATH}/reset">Reset</a></section>`;
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

function faults(request: PortalRequest, known: readonly FaultSummary[]): Markup {
  const rows = known.map(({ id, hits, fault: { on, ...what } }) => [
    id,
    html`<code>${on}</code>`,
    html`<code>${JSON.stringify(what)}</code>`,
    String(hits),
    request.form(
      `${PATH}/fault/remove`,
      html`<button class="quiet">Remove<span class="unseen"> ${id}</span></button>`,
      {
        id,
      },
    ),
  ]);
  const sockets = [
    ['', 'none'],
    ['reset', 'reset'],
    ['hang', 'hang'],
    ['truncate', 'truncate'],
  ] as const;
  const form = request.form(
    `${PATH}/fault`,
    html`<div class="row">${field('on', 'Requests', { value: draft(request, 'on', 'token'), hint: 'or GET /customers' })}
${field('status', 'Status', { type: 'number', value: draft(request, 'status', '503') })}
${field('delayMs', 'Delay in ms', { type: 'number', value: draft(request, 'delayMs') })}
${field('times', 'Times', { type: 'number', value: draft(request, 'times', '1') })}
${select('socket', 'Connection', sockets, draft(request, 'socket'))}
<p><button>Add fault</button></p></div>`,
  );
  return html`${table('Faults', ['Fault', 'Requests', 'What', 'Hits', 'Action'], rows, 'No faults.')}${form}`;
}

/** The fault in a form. The schema checks it. */
function toFault(request: PortalRequest): Fault {
  const status = request.number('status');
  const fault = {
    on: request.field('on'),
    respond: status === undefined ? undefined : { status },
    delayMs: request.number('delayMs'),
    times: request.number('times'),
    socket: request.field('socket') || undefined,
  };
  return fault as Fault;
}

function confirmReset(request: PortalRequest): PortalResponse {
  const buttons = html`<p class="row"><button class="danger">Reset</button><a class="button quiet" href="${PATH}">Cancel</a></p>`;
  return {
    title: 'Reset the emulator?',
    section: PATH,
    content: html`<section><p>A reset removes everything that was created since the start, including the audit log.</p>${request.form(
      `${PATH}/reset`,
      buttons,
    )}</section>`,
  };
}

async function reset(request: PortalRequest): Promise<PortalResponse> {
  await request.controls.reset();
  request.record('reset');
  return { to: '/portal/sign-in?why=reset' };
}

const MAX_SHOWN = 50;

/** The newest requests. A live page reloads itself with a `Refresh` header, without a script. */
export function requestSection(requestLog: RequestLog, isLive: boolean): Markup {
  const entries = requestLog.listAfter(Math.max(0, requestLog.total - MAX_SHOWN)).reverse();
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
    ? html`<a href="/portal/console">Stop following</a>. This page reloads every two seconds.`
    : html`<a href="/portal/console?live=on">Follow live</a>`;
  return html`<p>${toggle}</p>${table('Latest requests', heads, rows, 'No requests yet.')}`;
}
