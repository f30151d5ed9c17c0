import { createClockControls } from '../clock/clock-controls.ts';
import { createCredentialControls } from '../credential/credential-controls.ts';
import { createFaultControls } from '../fault/fault-controls.ts';
import { createRequestControls } from '../journal/request-controls.ts';
import type { OpenedState } from '../state/open-state.ts';
import { createTokenControls } from '../token/token-controls.ts';
import type { Emulator } from './emulator.ts';
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
    requests: Object.freeze(createRequestControls(state.journal)),
    async reset() {
      requireOpen(closing);
      reset();
    },
  };
}
