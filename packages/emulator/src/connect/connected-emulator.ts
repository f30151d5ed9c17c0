import type { FaultControls } from '../controls/controls.ts';
import type { Emulator } from '../emulator/emulator.ts';
import type { Fault, FaultHandle } from '../state/fault.ts';

/**
 * An emulator that runs in another process. Everything is as in `Emulator`, but what is read there at once is awaited
 * here: `await emulator.clock.now()` and `await fault.hits` are right for both.
 */
export interface ConnectedEmulator extends Omit<Emulator, 'clock' | 'faults'> {
  readonly clock: {
    now(): Promise<Date>;
    /** Moves the clock forward; it never goes back. */
    advance(ms: number): Promise<void>;
  };
  readonly faults: Omit<FaultControls, 'add'> & { add(fault: Fault): Promise<ConnectedFaultHandle> };
  /** Ends what this connection waits for; the emulator runs on, for whoever started it. Twice is harmless. */
  close(): Promise<void>;
}

/** What `faults.add()` returns over HTTP. */
export interface ConnectedFaultHandle extends Omit<FaultHandle, 'hits'> {
  /** How many requests the fault has hit so far; after `remove()`, how many it had hit until then. */
  readonly hits: Promise<number>;
}

/** How to reach an emulator in another process. */
export interface ConnectOptions {
  /**
   * The `adminToken` with which the emulator was started.
   *
   * @default none
   */
  readonly adminToken?: string;
  /**
   * How long to wait for the emulator to be ready, in real milliseconds; 0: it must be ready now.
   *
   * @default 10_000
   */
  readonly readyTimeoutMs?: number;
}
