import type { Controls } from '../controls/controls.ts';
import type { EmulatorDescription } from '../controls/describe-emulator.ts';

/** A running emulator. */
export interface Emulator extends EmulatorDescription, Controls, AsyncDisposable {
  /** Sends a request to the emulator without a socket. The host of its URL is ignored. */
  fetch(request: Request): Promise<Response>;
  /** Ends all connections and requests, also hanging ones, and releases port and database. Can be called twice. */
  close(): Promise<void>;
}
