import * as v from 'valibot';
import type { ClockControls, FaultControls } from '../controls/controls.ts';
import { createControls, createMethods, type Methods } from '../controls/operations.ts';
import { adminToken } from '../emulator/emulator-options.ts';
import type { Emulator } from '../emulator/start-emulator.ts';
import { requireRequest } from '../http/exchange.ts';
import type { Fault, FaultHandle } from '../state/fault.ts';
import { integer, MAX_TIMER_MS, object } from '../state/schemas.ts';
import { validate } from '../state/validate.ts';
import { AdministrationClient, readEmulatorUrl } from './administration-client.ts';

const optionsSchema = object({
  adminToken: v.optional(adminToken),
  readyTimeoutMs: v.optional(integer(0, MAX_TIMER_MS), 10_000),
});

/**
 * Connects to an emulator that runs in another process, and controls it over HTTP.
 *
 * @param url the URL that `instellix-emulator` prints.
 * @throws Error when no emulator responds at the URL within `readyTimeoutMs`, or when it requires another `adminToken`.
 */
export async function connectEmulator(url: string, options: ConnectOptions = {}): Promise<ConnectedEmulator> {
  const base = readEmulatorUrl(url, 'url');
  const { adminToken, readyTimeoutMs } = validate(optionsSchema, options, '', 'options');
  const client = new AdministrationClient(base, adminToken);
  await client.waitUntilReady(readyTimeoutMs);
  const methods = createMethods((operation, given) => client.run(operation, given));
  const now = async (): Promise<Date> => new Date((await methods.clock.now()).now);
  const close = async (): Promise<void> => client.close();
  return Object.freeze({
    ...(await methods.describe()),
    async fetch(request: Request) {
      requireRequest(request);
      const { pathname, search } = new URL(request.url);
      return fetch(new Request(`${base}${pathname}${search}`, request));
    },
    ...createControls(methods, now, (id) => createHandle(id, methods.faults)),
    close,
    [Symbol.asyncDispose]: close,
  });
}

function createHandle(id: string, { list, remove }: Methods['faults']): ConnectedFaultHandle {
  let last = 0;
  const countHits = async (): Promise<number> => {
    last = (await list()).find((fault) => fault.id === id)?.hits ?? last;
    return last;
  };
  return Object.freeze({
    id,
    get hits() {
      return countHits();
    },
    async remove() {
      last = Math.max(last, (await remove(id)).hits);
    },
  });
}

/**
 * An emulator in another process. It has the interface of `Emulator`, except that `clock.now()` and `fault.hits` are
 * promises. `await emulator.clock.now()` and `await fault.hits` work with both.
 */
export interface ConnectedEmulator extends Omit<Emulator, 'clock' | 'faults'> {
  readonly clock: Omit<ClockControls, 'now'> & { now(): Promise<Date> };
  readonly faults: Omit<FaultControls, 'add'> & { add(fault: Fault): Promise<ConnectedFaultHandle> };
  /** Rejects the calls in progress on this connection. The emulator keeps running. Can be called twice. */
  close(): Promise<void>;
}

/** The result of `faults.add()` over HTTP. */
export interface ConnectedFaultHandle extends Omit<FaultHandle, 'hits'> {
  /** The number of requests that the fault has hit, until now or until `remove()`. */
  readonly hits: Promise<number>;
}

/** The options of `connectEmulator`. */
export interface ConnectOptions {
  /** The `adminToken` of the emulator. @default none */
  readonly adminToken?: string;
  /** How long to wait until the emulator is ready, in real milliseconds; 0: do not wait. @default 10_000 */
  readonly readyTimeoutMs?: number;
}
