import type { Controls } from '../controls/controls.ts';
import type { EmulatorDescription } from '../controls/describe-emulator.ts';

/** A local instellix, as long as it runs. */
export interface Emulator extends EmulatorDescription, Controls, AsyncDisposable {
  /** Sends a request to the same app without a socket; the host in its URL does not matter. */
  fetch(request: Request): Promise<Response>;
  /** Ends every connection and request, hanging ones too, and frees port and database; twice is harmless. */
  close(): Promise<void>;
}
