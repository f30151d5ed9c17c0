import type { Reason } from '../state/reason.ts';

/** What was decided about a request: the answer, and the reason that only the request log tells. */
export interface Outcome {
  readonly status: number;
  readonly reason: Reason;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly realm?: string;
  readonly clientId?: string;
}

/** Whose request it is, as far as the emulator knows that realm and that client. */
export type Requester = Pick<Outcome, 'realm' | 'clientId'>;

/** Headers of every JSON answer: tokens and customers' data are not for caches (RFC 6749 section 5.1). */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};
