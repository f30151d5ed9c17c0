import type { Reason } from './reason.ts';

/** What the request log keeps of a request. It never holds a token, a secret, a query or a body. */
export interface RequestEntry {
  /** When the request was decided, by the emulator's clock, in epoch ms. */
  readonly at: number;
  /** `token`, or method and path such as `GET /customers`. */
  readonly endpoint: string;
  readonly method: string;
  /** The status that was sent; 0 when a fault let the request without an answer. */
  readonly status: number;
  readonly reason: Reason;
  /** The realm that was asked (token) or that the token belongs to; left out when it does not exist. */
  readonly realm?: string;
  /** The client id that asked or that the token belongs to; left out when it does not exist. */
  readonly clientId?: string;
}
