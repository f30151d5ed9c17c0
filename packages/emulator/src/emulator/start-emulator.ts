import { once } from 'node:events';
import type { DatabaseSync } from 'node:sqlite';
import type { Controls } from '../controls/controls.ts';
import { describeEmulator, type EmulatorDescription } from '../controls/emulator-operations.ts';
import { runOperation } from '../controls/operation.ts';
import { createControls, createMethods, type Methods } from '../controls/operations.ts';
import { memoryExchange, requireRequest } from '../http/exchange.ts';
import { type HttpServer, listen } from '../http/http-server.ts';
import { createEmulatorState, type EmulatorState } from '../state/emulator-state.ts';
import type { FaultHandle } from '../state/fault.ts';
import { storeSeed } from '../state/stored-seed.ts';
import { openDatabase } from '../storage/open-database.ts';
import { createApp } from './create-app.ts';
import { type CheckedOptions, type EmulatorOptions, readOptions } from './emulator-options.ts';

/** A running emulator. */
export interface Emulator extends EmulatorDescription, Controls, AsyncDisposable {
  /** Sends a request to the emulator without a socket. The host of its URL is ignored. */
  fetch(request: Request): Promise<Response>;
  /** Ends all connections and requests, also hanging ones, and releases port and database. Can be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a local instellix on a free port of this machine.
 *
 * @throws Error that names the option and the fix: an option is unknown or invalid, the port is in use, the seed cannot
 * be read, or the database file is damaged, locked or from another program.
 */
export async function startEmulator(options?: EmulatorOptions): Promise<Emulator> {
  const checked = await readOptions(options);
  const database = openDatabase(checked.database);
  try {
    return await start(database, checked);
  } catch (error) {
    database.close();
    throw error;
  }
}

async function start(database: DatabaseSync, options: CheckedOptions): Promise<Emulator> {
  const state = createEmulatorState(database, options.rules, options.clock);
  storeSeed(state, options.seed);
  const closing = new AbortController();
  const methods = createMethods(async (operation, given) => {
    if (operation.worksClosed !== true) requireOpen(closing.signal);
    return runOperation({ state, url: '' }, operation, given);
  });
  const app = createApp({ state, controls: methods, access: options, closing: closing.signal });
  const now = (): Date => new Date(state.clock.now());
  const date = (): string => now().toUTCString();
  const server = await listen(app, options.port, options.host, date);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing.abort();
    closed ??= release(state, server, database);
    return closed;
  };
  return Object.freeze({
    ...describeEmulator(state, server.url),
    async fetch(request: Request) {
      requireOpen(closing.signal);
      requireRequest(request);
      request.signal.throwIfAborted();
      const settled = new AbortController();
      const end = AbortSignal.any([request.signal, closing.signal]);
      // Also when the body of the request never ends.
      const ended = once(end, 'abort', settled).then(() => memoryExchange(request).reset());
      const response = await Promise.race([ended, app.fetch(request, {})]).finally(() => settled.abort());
      if (!response.headers.has('date')) response.headers.set('date', date());
      return response;
    },
    ...createControls(methods, now, (id) => createHandle(id, state, methods.faults)),
    close,
    [Symbol.asyncDispose]: close,
  });
}

function requireOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new Error('the emulator is closed; call startEmulator() to start another one');
}

async function release(state: EmulatorState, server: HttpServer, database: DatabaseSync): Promise<void> {
  state.requestLog.close();
  await server.close();
  try {
    state.rememberInstant();
  } finally {
    database.close();
  }
}

function createHandle(id: string, { faults }: EmulatorState, { remove }: Methods['faults']): FaultHandle {
  const active = faults.find(id);
  return Object.freeze({
    id,
    get hits() {
      return active?.hits ?? 0;
    },
    async remove() {
      await remove(id);
    },
  });
}
