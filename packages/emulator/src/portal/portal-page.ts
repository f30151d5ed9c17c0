import { html } from 'hono/html';
import type { Methods } from '../controls/operations.ts';
import type { ServeContext } from '../protocol/serve-request.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Session } from '../state/session.ts';
import { InvalidInput } from '../state/validate.ts';
import type { Role } from '../storage/credential.ts';
import type { AuditEntry } from '../storage/rows.ts';
import type { Markup } from './page/markup.ts';
import { type PortalRight, portalRightsOf } from './portal-right.ts';

/** The emulator that the portal shows. */
export interface PortalContext extends ServeContext {
  readonly controls: Methods;
}

/** An account that can sign in: a portal user, or a credential for the portal (F12). */
export interface Identity {
  readonly kind: 'user' | 'credential';
  readonly username: string;
  readonly roles: readonly Role[];
  /** The digests of its password or of its valid secrets. */
  readonly digests: readonly Uint8Array[];
}

/** A page or an action for signed-in users. */
export interface PortalPage {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The required right; left out: none. */
  readonly right?: PortalRight;
  respond(request: PortalRequest): PortalResponse | Promise<PortalResponse>;
}

/** The content of a page. */
export interface PageContent {
  readonly title: string;
  readonly content: Markup;
  /** The path of its link in the navigation. */
  readonly section?: string;
  /** The problem with a submitted form. */
  readonly problem?: string;
  /** @default 200, or 400 with a problem */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A redirect to another page, and the message that it shows. */
export interface Redirect {
  readonly to: string;
  readonly notice?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page, or a redirect, and what the audit log records in addition. */
export type PortalResponse = (PageContent | Redirect) & {
  readonly recorded?: Partial<Pick<AuditEntry, 'subject' | 'detail'>>;
};

/** A request of a signed-in user. */
export class PortalRequest {
  readonly state: EmulatorState;
  readonly controls: Methods;
  readonly session: Session;
  readonly identity: Identity;
  readonly rights: ReadonlySet<PortalRight>;
  /** The query of a GET or the form of a POST. */
  fields = new URLSearchParams();

  constructor(context: PortalContext, session: Session, identity: Identity) {
    this.state = context.state;
    this.controls = context.controls;
    this.session = session;
    this.identity = identity;
    this.rights = portalRightsOf(identity.roles);
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

  /** A form that posts `content` and `fields` to `action`. It can be sent once. */
  form(action: string, content: Markup, fields: Readonly<Record<string, string>> = {}): Markup {
    const hidden = Object.entries({ ...fields, form: this.session.createFormToken() });
    return html`<form method="post" action="${action}">${hidden.map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )}${content}</form>`;
  }

  /** A form that is one button in a row of a table. Only screen readers say `what` it is for. */
  button(action: string, label: string, what: string, fields: Readonly<Record<string, string>>): Markup {
    return this.form(action, html`<button class="quiet">${label}<span class="unseen"> ${what}</span></button>`, fields);
  }
}

/** The action of a form. */
export interface PortalAction extends Pick<PortalPage, 'path' | 'right'> {
  /** What the audit log records. */
  readonly act: string;
  /** Finds the client id or user that is changed. @throws InvalidInput when it does not exist. */
  find?(request: PortalRequest): string;
  run(request: PortalRequest, subject: string): PortalResponse | Promise<PortalResponse>;
  /** The page that shows the problem with invalid input. */
  show(request: PortalRequest, subject: string): PageContent | Promise<PageContent>;
}

/** Creates the page that runs an action, and records success or invalid input in the audit log. */
export function onSubmit({ act, find = () => '', run, show, ...page }: PortalAction): PortalPage {
  const respond = async (request: PortalRequest): Promise<PortalResponse> => {
    const subject = find(request);
    const entry = { actor: request.identity.username, act, subject };
    try {
      const response = await run(request, subject);
      request.state.record({ ...entry, ...response.recorded });
      return response;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      request.state.record({ ...entry, outcome: 'refused', detail: 'invalid input' });
      return { ...(await show(request, subject)), problem: toUserMessage(error) };
    }
  };
  return { ...page, method: 'POST', respond };
}

/** What a page says before an action. */
export interface Confirmation {
  readonly title: string;
  readonly section: string;
  readonly warning: string;
  readonly button: string;
  readonly cancel: string;
}

/** An action, and the page that asks before it. The query of that page has the fields of the action. */
export function confirmed(action: PortalPage, toConfirmation: (request: PortalRequest) => Confirmation): PortalPage[] {
  const respond = (request: PortalRequest): PageContent => {
    const { title, section, warning, button, cancel } = toConfirmation(request);
    const buttons = html`<p class="row"><button class="danger">${button}</button><a class="button quiet" href="${cancel}">Cancel</a></p>`;
    const form = request.form(action.path, buttons, Object.fromEntries(request.fields));
    return { title, section, content: html`<section><p>${warning}</p>${form}</section>` };
  };
  return [{ ...action, method: 'GET', respond }, action];
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
  return toSentence(`${LABELS[name] ?? name} ${problem}`.trim());
}

/** Converts a message into a sentence of a page. */
export function toSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
