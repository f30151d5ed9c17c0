import { html } from 'hono/html';
import type { Controls } from '../controls/controls.ts';
import type { AccessRules } from '../http/access.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Session } from '../state/session.ts';
import { InvalidInput } from '../state/validate.ts';
import type { Identity } from './identity.ts';
import type { Markup } from './page/markup.ts';
import { type PortalRight, portalRightsOf } from './portal-right.ts';

/** What the portal works with. */
export interface PortalContext {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** A request of a signed-in user, and how the portal responds to it. */
export interface PortalPage {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The right that the request needs; left out: none. */
  readonly right?: PortalRight;
  respond(request: PortalRequest): PortalResponse | Promise<PortalResponse>;
}

/** What the portal responds with: a page, or the way to another one. */
export type PortalResponse =
  | {
      readonly title: string;
      readonly content: Markup;
      /** @default 200 */
      readonly status?: number;
      readonly section?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly to: string;
      /** What the next page says. */
      readonly notice?: string;
    };

/** A request that the portal refuses, with the page that says why. */
export class PortalRefusal extends Error {
  readonly status: number;
  /** What the audit log says. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problem: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(problem);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** One request of a signed-in user. */
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
