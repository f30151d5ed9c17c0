import type { Emulator } from '../emulator/emulator.ts';
import type { OpenedState } from '../state/open-state.ts';
import { createClockControls } from './clock-controls.ts';
import { createCredentialControls } from './credential-controls.ts';
import { createFaultControls } from './fault-controls.ts';
import { createRequestControls } from './request-controls.ts';
import { createTokenControls } from './token-controls.ts';
import { requireOpen, whileOpen } from './while-open.ts';

/** What steers an emulator, in this process and over HTTP. */
export type Controls = Pick<Emulator, 'clock' | 'credentials' | 'tokens' | 'faults' | 'requests' | 'reset'>;

/** Puts the controls over a state; they are refused once `closing` is aborted. */
export function createControls({ state, reset }: OpenedState, closing: AbortSignal): Controls {
  return {
    clock: createClockControls(state, closing),
    credentials: whileOpen(createCredentialControls(state), closing),
    tokens: whileOpen(createTokenControls(state), closing),
    faults: whileOpen(createFaultControls(state.faults), closing),
    // What happened can still be read when all is over.
    requests: Object.freeze(createRequestControls(state.requestLog)),
    async reset() {
      requireOpen(closing);
      reset();
    },
  };
}
