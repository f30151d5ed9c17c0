import type { DatabaseSync } from 'node:sqlite';
import type { Controls } from '../controls/create-controls.ts';
import { describeEmulator } from '../controls/describe-emulator.ts';
import { requireOpen } from '../controls/while-open.ts';
import { type App, fetchInMemory } from '../http/fetch-in-memory.ts';
import type { HttpServer } from '../http/http-server.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { rememberInstant } from '../state/open-state.ts';
import type { Emulator } from './emulator.ts';

/** The running parts of an emulator. */
export interface EmulatorParts {
  readonly state: EmulatorState;
  readonly controls: Controls;
  readonly app: App;
  readonly server: HttpServer;
  readonly database: DatabaseSync;
  readonly closing: AbortController;
}

/** Puts the public face on the running parts of an emulator. */
export function createEmulator(parts: EmulatorParts): Emulator {
  const { state, app, server, controls } = parts;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeParts(parts);
    return closed;
  };
  return Object.freeze({
    ...describeEmulator(state, server.url),
    async fetch(request: Request) {
      requireOpen(parts.closing.signal);
      return fetchInMemory(app, request, new Date(state.clock.now()).toUTCString());
    },
    ...controls,
    close,
    [Symbol.asyncDispose]: close,
  });
}

async function closeParts({ state, server, database, closing }: EmulatorParts): Promise<void> {
  closing.abort();
  state.requestLog.close();
  await server.close();
  try {
    rememberInstant(state);
  } finally {
    database.close();
  }
}
