import { html } from 'hono/html';
import type { Controls } from '../controls/controls.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Session } from '../state/session.ts';
import { InvalidInput } from '../state/validate.ts';
import type { Identity } from './identity.ts';
import type { Markup } from './page/markup.ts';
import type { PortalContext, PortalResponse } from './portal-page.ts';
import { type PortalRight, portalRightsOf } from './portal-right.ts';

/** One request of somebody who is signed in, and may do what is asked. */
export class PortalRequest {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly context: PortalContext;
  readonly session: Session;
  readonly identity: Identity;
  readonly rights: ReadonlySet<PortalRight>;
  /** The query of a GET, the form of a POST. */
  readonly fields: URLSearchParams;

  constructor(context: PortalContext, session: Session, identity: Identity, fields: URLSearchParams) {
    this.context = context;
    this.state = context.state;
    this.controls = context.controls;
    this.session = session;
    this.identity = identity;
    this.rights = portalRightsOf(identity.roles);
    this.fields = fields;
  }

  /** A field; empty when it is not there. */
  field(name: string): string {
    return this.fields.get(name)?.trim() ?? '';
  }

  /** Whether this visitor may do that. */
  may(right: PortalRight): boolean {
    return this.rights.has(right);
  }

  /** A form that sends `fields` and the given members to `action`, once. */
  form(action: string, content: Markup, fields: Readonly<Record<string, string>> = {}): Markup {
    const hidden = Object.entries({ ...fields, form: this.session.createFormToken() });
    return html`<form method="post" action="${action}">${hidden.map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )}${content}</form>`;
  }

  /** Writes into the audit log what was done. */
  record(act: string, subject = '', detail = ''): void {
    this.#add(act, subject, 'done', detail);
  }

  /** Writes into the audit log what was not done. */
  recordRefusal(act: string, subject = '', detail = ''): void {
    this.#add(act, subject, 'refused', detail);
  }

  /**
   * Does something that the emulator may refuse, and writes down either way what became of it.
   *
   * @param subject to what; a function when that is known only afterwards.
   * @param refused what is shown when it was refused, with the reason.
   */
  async attempt(
    act: string,
    subject: string | (() => string),
    work: () => Promise<PortalResponse>,
    refused: (problem: string) => PortalResponse | Promise<PortalResponse>,
  ): Promise<PortalResponse> {
    try {
      const reply = await work();
      this.record(act, typeof subject === 'string' ? subject : subject());
      return reply;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      this.recordRefusal(act, typeof subject === 'string' ? subject : '', 'invalid input');
      return refused(toUserMessage(error));
    }
  }

  #add(act: string, subject: string, outcome: 'done' | 'refused', detail: string): void {
    const { audit, clock } = this.state;
    audit.add({ at: clock.now(), actor: this.identity.username, act, subject, outcome, detail });
  }
}

const LABELS: Readonly<Record<string, string>> = {
  clientId: 'Client ID',
  username: 'User name',
  ms: 'Milliseconds',
  on: 'Requests',
  overlapMs: 'Overlap',
};

/** Turns an error about an argument into a sentence about a field. */
function toUserMessage({ argument, problem }: InvalidInput): string {
  const [name = ''] = argument.match(/^\w+/) ?? [];
  const sentence = `${LABELS[name] ?? name} ${problem}`.trim();
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
