import { html } from 'hono/html';
import type { Methods } from '../controls/create-controls.ts';
import type { AccessRules } from '../http/access.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Session } from '../state/session.ts';
import { InvalidInput } from '../state/validate.ts';
import type { Identity } from './identity.ts';
import type { Markup } from './page/markup.ts';
import { type PortalRight, portalRightsOf } from './portal-right.ts';

/** The emulator that the portal shows. */
export interface PortalContext {
  readonly state: EmulatorState;
  readonly controls: Methods;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** A page or an action for signed-in users. */
export interface PortalPage {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The required right; left out: none. */
  readonly right?: PortalRight;
  respond(request: PortalRequest): PortalResponse | Promise<PortalResponse>;
}

/** A page, or a redirect. */
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
      /** A message for the next page. */
      readonly notice?: string;
    };

/** A rejected request. The message is shown on an error page. */
export class PortalRefusal extends Error {
  readonly status: number;
  /** The detail in the audit log. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problem: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(problem);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}

/** A request of a signed-in user. */
export class PortalRequest {
  readonly state: EmulatorState;
  readonly controls: Methods;
  readonly session: Session;
  readonly identity: Identity;
  readonly rights: ReadonlySet<PortalRight>;
  /** The query of a GET or the form of a POST. */
  readonly fields: URLSearchParams;

  constructor(context: PortalContext, session: Session, identity: Identity, fields: URLSearchParams) {
    this.state = context.state;
    this.controls = context.controls;
    this.session = session;
    this.identity = identity;
    this.rights = portalRightsOf(identity.roles);
    this.fields = fields;
  }

  /** A trimmed field; empty when it is missing. */
  field(name: string): string {
    return this.fields.get(name)?.trim() ?? '';
  }

  /** A field as a number; `undefined` when it is empty. Other strings stay strings, which the schemas reject. */
  number(name: string): unknown {
    const given = this.field(name);
    if (given === '') return undefined;
    const value = Number(given);
    return Number.isNaN(value) ? given : value;
  }

  /** Whether the user has this right. */
  may(right: PortalRight): boolean {
    return this.rights.has(right);
  }

  /** A form that posts `content` and `fields` to `action`. It can be sent once. */
  form(action: string, content: Markup, fields: Readonly<Record<string, string>> = {}): Markup {
    const hidden = Object.entries({ ...fields, form: this.session.createFormToken() });
    return html`<form method="post" action="${action}">${hidden.map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )}${content}</form>`;
  }

  /** Records an action in the audit log. */
  record(act: string, subject = '', detail = ''): void {
    this.#add(act, subject, 'done', detail);
  }

  /**
   * Runs an action, and records success or invalid input in the audit log.
   *
   * @param subject the client id or user that is changed; a function when it is known only after the action.
   * @param refused creates the page that shows the problem.
   */
  async attempt(
    act: string,
    subject: string | (() => string),
    work: () => Promise<PortalResponse>,
    refused: (problem: string) => PortalResponse | Promise<PortalResponse>,
  ): Promise<PortalResponse> {
    try {
      const response = await work();
      this.record(act, typeof subject === 'string' ? subject : subject());
      return response;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      this.#add(act, typeof subject === 'string' ? subject : '', 'refused', 'invalid input');
      return refused(toUserMessage(error));
    }
  }

  #add(act: string, subject: string, outcome: 'done' | 'refused', detail: string): void {
    this.state.record({ actor: this.identity.username, act, subject, outcome, detail });
  }
}

const LABELS: Readonly<Record<string, string>> = {
  clientId: 'Client ID',
  username: 'User name',
  delayMs: 'Delay',
  ms: 'Amount',
  on: 'Requests',
  overlapMs: 'Overlap',
  respond: 'Status',
  socket: 'Connection',
};

/** Converts an error about an argument into a sentence about a field. */
function toUserMessage({ argument, problem }: InvalidInput): string {
  const [name = ''] = argument.match(/^\w+/) ?? [];
  const sentence = `${LABELS[name] ?? name} ${problem}`.trim();
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}
