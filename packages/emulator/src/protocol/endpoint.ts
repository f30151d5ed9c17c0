import type { ReceivedRequest } from '../http/read-body.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { Outcome, Requester } from './outcome.ts';

/** An endpoint: its name in the request log, and its rules. */
export interface Endpoint {
  /** The name of a request in the request log. It contains no part of the request that may be a secret. */
  name(state: EmulatorState, method: string, path: string): string;
  /** A longer body is rejected. */
  readonly maxBodyBytes: number;
  /** Handles a request synchronously. */
  decide(state: EmulatorState, request: ReceivedRequest): Outcome;
  /** The realm and client that a request claims to come from. Nothing is verified. */
  identify(state: EmulatorState, headers: Headers, realm: string | undefined): Requester;
}
