import type { AccessRules } from '../access/access-rules.ts';
import type { Controls } from '../emulator/create-controls.ts';
import type { EmulatorState } from '../state/emulator-state.ts';

/** What the portal works with. */
export interface PortalContext {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}
