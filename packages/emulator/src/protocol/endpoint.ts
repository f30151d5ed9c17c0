import type { ReceivedRequest } from '../http/read-body.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Outcome, Requester } from './outcome.ts';

/** Something that answers requests: how they are called, and the rules by which they are decided. */
export interface Endpoint {
  /** What the request log calls such a request, without a byte that only the request knows. */
  name(state: EmulatorState, method: string, path: string): string;
  /** The most that is read of a body. */
  readonly maxBodyBytes: number;
  /** Decides a request, at once and for good. */
  decide(state: EmulatorState, request: ReceivedRequest): Outcome;
  /** Who a request says it comes from, before anything is checked. */
  identify(state: EmulatorState, headers: Headers, realm: string | undefined): Requester;
}
