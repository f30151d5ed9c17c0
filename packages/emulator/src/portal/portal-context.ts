import type { AccessRules } from '../access/access-rules.ts';
import type { Controls } from '../emulator/create-controls.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import type { SessionTable } from './session/session-table.ts';
import type { SignInThrottle } from './sign-in/sign-in-throttle.ts';

/** What the portal works with. */
export interface PortalContext {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly access: AccessRules;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
  readonly sessions: SessionTable;
  readonly throttle: SignInThrottle;
  /**
   * Real time in ms, for sessions and the throttle of signing in: they are about people at their browsers, who must not be
   * signed out by a test that advances the emulator's clock.
   */
  now(): number;
}
