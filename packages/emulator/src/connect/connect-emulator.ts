import { types } from 'node:util';
import type { EmulatorDescription } from '../controls/describe-emulator.ts';
import type { CredentialControls, FollowedRequests, RequestControls, TokenControls } from '../emulator/emulator.ts';
import { isRequest } from '../http/fetch-in-memory.ts';
import type { Fault } from '../state/fault.ts';
import { invalid } from '../state/input/invalid.ts';
import { readInteger } from '../state/input/read-integer.ts';
import { isPlainObject, readObject } from '../state/input/read-object.ts';
import { readText } from '../state/input/read-text.ts';
import type { RequestEntry } from '../state/request-entry.ts';
import { AdministrationClient, readEmulatorUrl } from './administration-client.ts';
import type { ConnectedEmulator, ConnectedFaultHandle, ConnectOptions } from './connected-emulator.ts';

/**
 * Connects to an emulator that runs in another process, and steers it over HTTP.
 *
 * @param url where it is, as its command prints it.
 * @throws Error when no emulator is there, or it wants an `adminToken`.
 */
export async function connectEmulator(url: string, options: ConnectOptions = {}): Promise<ConnectedEmulator> {
  const base = readEmulatorUrl(url, 'url');
  const { adminToken, readyTimeoutMs = 10_000 } = readObject(options, 'options', ['adminToken', 'readyTimeoutMs']);
  const token = adminToken === undefined ? undefined : readText(adminToken, 'adminToken', 1_000);
  const client = new AdministrationClient(base, token);
  await client.waitUntilReady(readInteger(readyTimeoutMs, 'readyTimeoutMs', 0, 2_147_483_647));
  const description = await client.ask<EmulatorDescription>('describe');
  const close = async (): Promise<void> => client.close();
  return Object.freeze({
    ...description,
    fetch: async (request: Request) => fetchFrom(base, request),
    clock: {
      now: async () => new Date((await client.ask<{ now: number }>('clock/now')).now),
      advance: (ms: number) => settle(client.ask('clock/advance', { ms })),
    },
    credentials: connectCredentials(client),
    tokens: connectTokens(client),
    faults: {
      add: (fault: Fault) => addFault(client, toObject(fault, 'faults.add(fault)')),
      list: async () => (await client.ask<{ faults: never[] }>('faults/list')).faults,
      clear: () => settle(client.ask('faults/clear')),
    },
    requests: connectRequests(client),
    reset: () => settle(client.ask('reset')),
    close,
    [Symbol.asyncDispose]: close,
  });
}

function connectCredentials(client: AdministrationClient): CredentialControls {
  return {
    create: async (options) => client.ask('credentials/create', toObject(options, 'credentials.create(options)')),
    async rotate(clientId, options) {
      const given = toObject(options, 'credentials.rotate(clientId, options)');
      return client.ask('credentials/rotate', { ...given, clientId });
    },
    deactivate: (clientId) => settle(client.ask('credentials/deactivate', { clientId })),
    reactivate: (clientId) => settle(client.ask('credentials/reactivate', { clientId })),
    revoke: (clientId) => settle(client.ask('credentials/revoke', { clientId })),
    setRoles: (clientId, roles) => settle(client.ask('credentials/setRoles', { clientId, roles })),
    list: async () => (await client.ask<{ credentials: never[] }>('credentials/list')).credentials,
  };
}

function connectTokens(client: AdministrationClient): TokenControls {
  return {
    revokeAll: () => settle(client.ask('tokens/revokeAll')),
    expireAll: () => settle(client.ask('tokens/expireAll')),
  };
}

function connectRequests(client: AdministrationClient): RequestControls {
  return {
    async list(filter = {}) {
      const given = filterToJson(filter, 'requests.list(filter)');
      return (await client.ask<{ requests: RequestEntry[] }>('requests/list', given)).requests;
    },
    async count(filter = {}) {
      return (await client.ask<{ count: number }>('requests/count', filterToJson(filter, 'requests.count(filter)')))
        .count;
    },
    async waitFor(filter, options = {}) {
      const given = toObject(options, 'requests.waitFor(filter, options)');
      if (filter === undefined) throw invalid('requests.waitFor(filter)', 'must be an object; {} means any request');
      const asked = { ...given, filter: filterToJson(filter, 'requests.waitFor(filter)') };
      return (await client.ask<{ requests: RequestEntry[] }>('requests/waitFor', asked)).requests;
    },
    async follow(options = {}) {
      return client.ask<FollowedRequests>('requests/follow', toObject(options, 'requests.follow(options)'));
    },
  };
}

/** What must be an object before it can be sent as one; the emulator checks what is in it. */
function toObject(value: unknown, where: string): object {
  if (!isPlainObject(value)) throw invalid(where, 'must be an object');
  return value;
}

function filterToJson(filter: unknown, where: string): object {
  const { since, ...rest } = toObject(filter, where) as { since?: unknown };
  if (since === undefined) return rest;
  return { ...rest, since: types.isDate(since) ? since.getTime() : since };
}

async function addFault(client: AdministrationClient, fault: object): Promise<ConnectedFaultHandle> {
  const { id } = await client.ask<{ id: string }>('faults/add', fault);
  let last = 0;
  const countHits = async (): Promise<number> => {
    const { faults } = await client.ask<{ faults: { id: string; hits: number }[] }>('faults/list');
    last = faults.find((candidate) => candidate.id === id)?.hits ?? last;
    return last;
  };
  return Object.freeze({
    id,
    get hits() {
      return countHits();
    },
    async remove() {
      const { hits } = await client.ask<{ hits: number }>('faults/remove', { id });
      last = Math.max(last, hits);
    },
  });
}

/** Sends a request to the emulator, whatever host its URL names. */
function fetchFrom(base: string, request: unknown): Promise<Response> {
  if (!isRequest(request)) throw invalid('fetch(request)', 'must be a Request; new Request(url, init) makes one');
  const { pathname, search } = new URL(request.url);
  return fetch(new Request(`${base}${pathname}${search}`, request));
}

async function settle(answer: Promise<object>): Promise<void> {
  await answer;
}
