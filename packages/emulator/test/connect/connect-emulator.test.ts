import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { connectEmulator } from '../../src/index.ts';
import { START, useConnectedEmulators, useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, obtainToken, tokenRequest } from '../wire/token-call.ts';

const startRemote = useConnectedEmulators();
const start = useEmulators();

test('connectEmulator returns the interface of startEmulator', async () => {
  const emulator = await start();
  const connection = await connectEmulator(emulator.url);
  const { clock, faults, ...rest } = connection;
  for (const field of ['url', 'realm', 'clientId', 'clientSecret', 'env', 'portal'] as const) {
    expect(connection[field]).toEqual(emulator[field]);
  }
  const methods = (controls: object): string[] => Object.keys(controls).toSorted();
  for (const group of ['credentials', 'tokens', 'requests'] as const) {
    expect(methods(rest[group])).toEqual(methods(emulator[group]));
  }
  expect(methods(clock)).toEqual(methods(emulator.clock));
  expect(methods(faults)).toEqual(methods(emulator.faults));
  expect(methods(connection)).toEqual(methods(emulator));
});

test('reads and advances the clock', async () => {
  const { clock } = await startRemote();
  await clock.advance(1_000);
  expect(await clock.now()).toEqual(new Date(Date.parse(START) + 1_000));
  await expect(clock.advance(-1)).rejects.toThrow(/^clock\.advance: ms: .*cannot be moved back$/);
});

test('adds, counts, lists, removes and clears faults', async () => {
  const emulator = await startRemote();
  const fault = await emulator.faults.add({ on: 'token', respond: { status: 503 } });
  await emulator.faults.add({ on: 'GET /customers', nth: 9, delayMs: 1 });
  expect((await callToken(emulator)).status).toBe(503);
  expect(await fault.hits).toBe(1);
  expect(await emulator.faults.list()).toEqual([
    { id: fault.id, hits: 1, fault: { on: 'token', nth: 1, respond: { status: 503 } } },
    { id: expect.any(String), hits: 0, fault: { on: 'GET /customers', nth: 9, times: 1, delayMs: 1 } },
  ]);
  expect((await callToken(emulator)).status).toBe(503);
  await fault.remove();
  await fault.remove();
  expect(await fault.hits).toBe(2);
  await emulator.faults.clear();
  expect(await emulator.faults.list()).toEqual([]);
  expect((await callToken(emulator)).status).toBe(200);
  await expect(emulator.faults.add({ on: 'token' })).rejects.toThrow(/^faults\.add: has no effect/);
});

test('revokes and expires tokens, and restores the seed', async () => {
  const emulator = await startRemote({ throttleWindowMs: 0 });
  const token = await obtainToken(emulator);
  await emulator.tokens.revokeAll();
  expect((await callResource(emulator, '/customers', token)).status).toBe(401);
  const second = await obtainToken(emulator);
  await emulator.tokens.expireAll();
  expect((await callResource(emulator, '/customers', second)).status).toBe(401);
  await emulator.credentials.create({ roles: ['none'] });
  await emulator.reset();
  expect(await emulator.credentials.list()).toHaveLength(1);
});

test('fetch ignores the host of the request', async () => {
  const emulator = await startRemote();
  const request = tokenRequest(emulator);
  expect((await emulator.fetch(request)).status).toBe(200);
  expect((await emulator.fetch(new Request('https://api.instellix.io/customers?x=1'))).status).toBe(401);
  await expect(emulator.fetch('/customers' as never)).rejects.toThrow(/^fetch: request: must be a Request/);
});

test('closing the connection ends a wait and keeps the emulator running', async () => {
  const emulator = await start();
  const connection = await connectEmulator(emulator.url);
  const wait = expect(connection.requests.waitFor({}, { timeoutMs: 60_000 })).rejects.toThrow(/connection .* closed/);
  await connection.close();
  await connection.close();
  await wait;
  expect((await callToken(emulator)).status).toBe(200);
});

test('sends the adminToken, and no error contains it', async () => {
  const emulator = await start({ adminToken: 'planted-admin-token-1' });
  const { url } = emulator;
  const connection = await connectEmulator(url, { adminToken: 'planted-admin-token-1' });
  expect(connection.clientSecret).toBe(emulator.clientSecret);
  const error: unknown = await connectEmulator(url, { adminToken: 'planted-admin-token-2', readyTimeoutMs: 0 }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({
    message: 'the adminToken of this emulator is missing or wrong; send it as a bearer token',
  });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('planted');
});

test('distinguishes another server from no server', async () => {
  const other = createServer((_request, response) => response.end('<html>'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  await expect(connectEmulator(url, { readyTimeoutMs: 0 })).rejects.toThrow(
    /^the server at http:.* is not an emulator/,
  );
  await new Promise((resolve) => other.close(resolve));
  await expect(connectEmulator(url, { readyTimeoutMs: 0 })).rejects.toThrow(/^no server responds at http:/);
});

test.each(['', 'localhost:80', 'ftp://x', 'http://user:planted@x', 7])(
  'rejects %j as the URL of an emulator',
  async (url) => {
    await expect(connectEmulator(url as string)).rejects.toThrow(/^url: must be the URL of an emulator/);
  },
);

test('names unknown and invalid options', async () => {
  const { url } = await start();
  await expect(connectEmulator(url, { token: 'x' } as object)).rejects.toThrow(/unknown field "token"/);
  await expect(connectEmulator(url, { readyTimeoutMs: -1 })).rejects.toThrow(/^readyTimeoutMs: must be a whole number/);
});
