import * as v from 'valibot';
import { createMethods } from '../controls/create-controls.ts';
import type { EmulatorDescription } from '../controls/describe-emulator.ts';
import type { Operation } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';
import { adminToken } from '../emulator/emulator-options.ts';
import { requireRequest } from '../http/fetch-in-memory.ts';
import type { Fault, FaultSummary } from '../state/fault.ts';
import { integer, MAX_TIMER_MS, object } from '../state/schemas.ts';
import { validate } from '../state/validate.ts';
import { AdministrationClient, readEmulatorUrl } from './administration-client.ts';
import type { ConnectedEmulator, ConnectedFaultHandle, ConnectOptions } from './connected-emulator.ts';

const optionsSchema = object({
  adminToken: v.optional(adminToken),
  readyTimeoutMs: v.optional(integer(0, MAX_TIMER_MS), 10_000),
});

/**
 * Connects to an emulator that runs in another process, and controls it over HTTP.
 *
 * @param url where it is, as its command prints it.
 * @throws Error when no emulator is there, or it needs an `adminToken`.
 */
export async function connectEmulator(url: string, options: ConnectOptions = {}): Promise<ConnectedEmulator> {
  const base = readEmulatorUrl(url, 'url');
  const { adminToken, readyTimeoutMs } = validate(optionsSchema, options, '', 'options');
  const client = new AdministrationClient(base, adminToken);
  await client.waitUntilReady(readyTimeoutMs);
  const ask = <Result>(name: string, given: object = {}) =>
    client.run(operations.get(name) as Operation, given) as Promise<Result>;
  const { clock, faults, ...methods } = createMethods((operation, given) => client.run(operation, given));
  const close = async (): Promise<void> => client.close();
  return Object.freeze({
    ...(await ask<EmulatorDescription>('describe')),
    fetch: async (request: Request) => fetchFrom(base, request),
    ...methods,
    clock: { now: async () => new Date((await ask<{ now: number }>('clock.now')).now), ...clock },
    faults: {
      ...faults,
      async add(fault: Fault) {
        const { id } = await ask<{ id: string }>('faults.add', fault);
        return createHandle(id, faults.list, async () => (await ask<{ hits: number }>('faults.remove', { id })).hits);
      },
    },
    close,
    [Symbol.asyncDispose]: close,
  });
}

function createHandle(
  id: string,
  list: () => Promise<FaultSummary[]>,
  remove: () => Promise<number>,
): ConnectedFaultHandle {
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
      last = Math.max(last, await remove());
    },
  });
}

/** Sends a request to the emulator, whatever host its URL names. */
function fetchFrom(base: string, request: unknown): Promise<Response> {
  requireRequest(request);
  const { pathname, search } = new URL(request.url);
  return fetch(new Request(`${base}${pathname}${search}`, request));
}
