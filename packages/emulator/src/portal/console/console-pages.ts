import { html } from 'hono/html';
import type { Fault, FaultSummary } from '../../fault/fault.ts';
import { invalid } from '../../input/invalid.ts';
import { alert, field, select } from '../page/field.ts';
import { facts, type Markup, table, time } from '../page/markup.ts';
import type { PortalPage } from '../portal-page.ts';
import type { Reply } from '../reply.ts';
import type { Visit } from '../visit.ts';
import { journalSection } from './journal-section.ts';
import { readDurationField, readWhole } from './read-console-field.ts';

const PATH = '/portal/console';

/** The emulator console: what instellix has not got, and therefore stands apart. */
export const consolePages: readonly PortalPage[] = [
  { method: 'GET', path: PATH, right: 'emulator:steer', answer: (visit) => show(visit) },
  onConsole('clock', 'advance clock', async (visit) => {
    const ms = readDurationField(visit.field('amount'), visit.field('unit'));
    await visit.controls.clock.advance(ms);
    return `The clock went on by ${ms} ms.`;
  }),
  onConsole('fault', 'add fault', async (visit) => {
    const { id } = await visit.controls.faults.add(readFaultForm(visit));
    return `${id} is added.`;
  }),
  onConsole('fault/remove', 'remove fault', async (visit) => {
    visit.state.faults.remove(visit.field('id'));
    return 'The fault is gone.';
  }),
  { method: 'GET', path: `${PATH}/reset`, right: 'emulator:steer', answer: confirmReset },
  { method: 'POST', path: `${PATH}/reset`, right: 'emulator:steer', answer: reset },
];

function onConsole(name: string, act: string, work: (visit: Visit) => Promise<string>): PortalPage {
  return {
    method: 'POST',
    path: `${PATH}/${name}`,
    right: 'emulator:steer',
    answer: (visit) =>
      visit.attempt(
        act,
        '',
        async () => ({ to: PATH, notice: await work(visit) }),
        (problem) => show(visit, problem),
      ),
  };
}

async function show(visit: Visit, problem?: string): Promise<Reply> {
  const isLive = visit.field('live') === 'on';
  return {
    title: 'Emulator console',
    section: PATH,
    status: problem === undefined ? 200 : 400,
    ...(isLive && { headers: { refresh: `2; url=${PATH}?live=on` } }),
    content: html`${alert(problem)}<p>This is not part of instellix: it steers the emulator, for tests and demonstrations.</p>
${isLive ? requests(visit, isLive) : html`${steering(visit, await visit.controls.faults.list())}${requests(visit, isLive)}${startOver()}`}`,
  };
}

/** Left out while the page renews itself: it would take away what is being typed. */
function steering(visit: Visit, known: readonly FaultSummary[]): Markup {
  return html`<section><h2>Clock</h2>${clock(visit)}</section>
<section><h2>Faults</h2>${faults(visit, known)}</section>`;
}

function requests(visit: Visit, isLive: boolean): Markup {
  return html`<section id="journal"><h2>Requests</h2>${journalSection(visit.state.journal, isLive)}</section>`;
}

function startOver(): Markup {
  return html`<section><h2>Start over</h2><p>Back to the seed: credentials, users, tokens, customers, faults and requests.</p>
<a class="button danger" href="${PATH}/reset">Reset</a></section>`;
}

/** What the form that was refused held, so that nobody types it again; else what the form begins with. */
function draft(visit: Visit, name: string, first = ''): string {
  return visit.fields.get(name) ?? first;
}

function clock(visit: Visit): Markup {
  const units = [
    ['s', 'seconds'],
    ['m', 'minutes'],
    ['h', 'hours'],
    ['d', 'days'],
  ] as const;
  const form = visit.form(
    `${PATH}/clock`,
    html`<div class="row">${field('amount', 'Amount', { type: 'number', value: draft(visit, 'amount', '5') })}
${select('unit', 'Unit', units, draft(visit, 'unit', 'm'))}
<p><button>Advance</button></p></div>`,
  );
  return html`${facts([['Now', time(visit.state.clock.now())]])}${form}`;
}

function faults(visit: Visit, known: readonly FaultSummary[]): Markup {
  const rows = known.map(({ id, hits, fault: { on, ...what } }) => [
    id,
    html`<code>${on}</code>`,
    html`<code>${JSON.stringify(what)}</code>`,
    String(hits),
    visit.form(`${PATH}/fault/remove`, html`<button class="quiet">Remove<span class="unseen"> ${id}</span></button>`, {
      id,
    }),
  ]);
  const sockets = [
    ['', 'none'],
    ['reset', 'reset'],
    ['hang', 'hang'],
    ['truncate', 'truncate'],
  ] as const;
  const form = visit.form(
    `${PATH}/fault`,
    html`<div class="row">${field('on', 'Requests', { value: draft(visit, 'on', 'token'), hint: 'or GET /customers' })}
${field('status', 'Status', { type: 'number', value: draft(visit, 'status', '503') })}
${field('delayMs', 'Delay in ms', { type: 'number', value: draft(visit, 'delayMs') })}
${field('times', 'Times', { type: 'number', value: draft(visit, 'times', '1') })}
${select('socket', 'Connection', sockets, draft(visit, 'socket'))}
<p><button>Add fault</button></p></div>`,
  );
  return html`${table('Faults', ['Fault', 'Requests', 'What', 'Hits', 'Action'], rows, 'No fault waits.')}${form}`;
}

function readFaultForm(visit: Visit): Fault {
  const status = readWhole(visit.field('status'), 'status');
  const delayMs = readWhole(visit.field('delayMs'), 'delay');
  const times = readWhole(visit.field('times'), 'times');
  const socket = visit.field('socket');
  if (status !== undefined && (socket === 'reset' || socket === 'hang')) {
    throw invalid('status', 'must be left empty: a connection that is reset or hangs answers with none');
  }
  return {
    on: visit.field('on') as Fault['on'],
    ...(status !== undefined && { respond: { status } }),
    ...(delayMs !== undefined && { delayMs }),
    ...(times !== undefined && { times }),
    ...(socket !== '' && { socket: socket as NonNullable<Fault['socket']> }),
  };
}

function confirmReset(visit: Visit): Reply {
  const buttons = html`<p class="row"><button class="danger">Reset</button><a class="button quiet" href="${PATH}">Cancel</a></p>`;
  return {
    title: 'Reset the emulator?',
    section: PATH,
    content: html`<section><p>What was created since the start is gone, the audit log included.</p>${visit.form(
      `${PATH}/reset`,
      buttons,
    )}</section>`,
  };
}

async function reset(visit: Visit): Promise<Reply> {
  await visit.controls.reset();
  visit.record('reset');
  return { to: '/portal/sign-in?why=reset' };
}
