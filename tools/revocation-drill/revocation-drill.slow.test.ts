import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstellixAxios } from '@instellix/axios-interceptor';
import { createInstellixClient, type InstellixClient } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { instellixProxy } from '@instellix/express-middleware/proxy';
import express from 'express';
import { expect, test } from 'vitest';

const throttleWindowMs = 400;
const minIntervalMs = 500;
/** 100 calls per second. */
const pauseMs = 10;
const path = '/some-resource';

interface Call {
  readonly sentAt: number;
  readonly endedAt: number;
  /** The status, or why there is none. */
  readonly outcome: unknown;
}

interface Adapter {
  send(): Promise<number>;
  close?(): Promise<void>;
}

const adapters: Record<string, (client: InstellixClient) => Promise<Adapter>> = {
  'client.fetch': async (client) => ({ send: async () => readStatus(await client.fetch(path)) }),
  Axios: async (client) => {
    const axios = createInstellixAxios(client);
    return { send: async () => (await axios.get(path)).status };
  },
  'the Express proxy': async (client) => {
    const proxy = instellixProxy(client, { allow: [{ methods: ['GET'], path }] });
    const server = createServer(express().use('/api', proxy));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api${path}`;
    return {
      send: async () => readStatus(await fetch(url)),
      async close() {
        server.closeAllConnections();
        server.close();
        await proxy[Symbol.asyncDispose]();
      },
    };
  },
};

async function readStatus(response: Response): Promise<number> {
  await response.arrayBuffer();
  return response.status;
}

/** Calls the API through all adapters at once, each with a credential of its own, while `disturb` runs and for a while after it. */
async function callDuring(emulator: Emulator, disturb: () => Promise<void>): Promise<Map<string, readonly Call[]>> {
  const runs = Object.entries(adapters).map(async ([name, create]) => {
    const credential = await emulator.credentials.create({ roles: ['reader'] });
    const { url, realm } = emulator;
    const environment = { name: 'emulator', apiUrl: url };
    const client = createInstellixClient({ environment, realm, ...credential, tokenRequest: { minIntervalMs } });
    const adapter = await create(client);
    await client.getToken();
    return { name, client, adapter };
  });
  const subjects = await Promise.all(runs);
  const calls = new Map(subjects.map(({ name }) => [name, [] as Promise<Call>[]]));
  const timer = setInterval(() => {
    for (const { name, adapter } of subjects) calls.get(name)?.push(record(adapter));
  }, pauseMs);
  await disturb();
  await sleep(minIntervalMs + 300);
  clearInterval(timer);
  const ended = await Promise.all([...calls].map(async ([name, each]) => [name, await Promise.all(each)] as const));
  await Promise.all(subjects.map(({ adapter }) => adapter.close?.()));
  await Promise.all(subjects.map(({ client }) => client.close()));
  return new Map(ended);
}

async function record({ send }: Adapter): Promise<Call> {
  const sentAt = performance.now();
  const outcome = await send().catch((error: unknown) => String(error));
  return { sentAt, endedAt: performance.now(), outcome };
}

test.each([
  ['one revocation', []],
  ['two revocations within one interval', [100]],
  ['two revocations, the second of a token that was just obtained', [minIntervalMs - 50]],
  ['two revocations that are one interval apart', [minIntervalMs]],
  ['two revocations that are almost two intervals apart', [2 * minIntervalMs - 100]],
])('fails no call that is sent after %s', { timeout: 30_000 }, async (_, spacings: number[]) => {
  await using emulator = await startEmulator({ throttleWindowMs });
  const revocations: { startedAt: number; endedAt: number }[] = [];
  const revoke = async () => {
    const startedAt = performance.now();
    await emulator.tokens.revokeAll();
    revocations.push({ startedAt, endedAt: performance.now() });
  };
  const calls = await callDuring(emulator, async () => {
    await sleep(100);
    await revoke();
    for (const spacing of spacings) {
      await sleep(spacing);
      await revoke();
    }
  });
  // A call that is under way while a token is revoked may meet two revocations, and is resent once. All others must succeed.
  const isSettled = ({ sentAt, endedAt }: Call) =>
    revocations.every((revocation) => sentAt > revocation.endedAt || endedAt < revocation.startedAt);
  const last = revocations.at(-1)?.endedAt ?? 0;
  for (const [name, each] of calls) {
    const failures = each.filter((call) => isSettled(call) && call.outcome !== 200);
    expect([name, failures]).toEqual([name, []]);
    expect(each.filter(({ sentAt }) => sentAt > last).length).toBeGreaterThan(20);
  }
  expect(await emulator.requests.count({ reason: 'throttled' })).toBe(0);
  // One token for each credential, and at most one more for each revocation.
  const tokensPerClient = 1 + revocations.length;
  const tokenRequests = await emulator.requests.count({ endpoint: 'token' });
  expect(tokenRequests).toBeLessThanOrEqual(Object.keys(adapters).length * tokensPerClient);
});
