import type { Controls } from '../controls/controls.ts';
import type { AccessRules } from '../http/access-rules.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Markup } from './page/markup.ts';
import type { PortalRequest } from './portal-request.ts';
import type { PortalRight } from './portal-right.ts';

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
