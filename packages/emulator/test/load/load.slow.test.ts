import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectedEmulator, connectEmulator } from '../../src/index.ts';
import { REQUEST_LOG_CAPACITY } from '../../src/state/request-log.ts';
import type { Order, Report } from './emulator-under-load.ts';
import { LoadClient, runMany } from './load-client.ts';

const TOKEN_REQUESTS = 2_000;
const RESOURCE_CALLS = 10_000;
const WARM_UP = 200;
const CREDENTIALS = 10;
const CONNECTIONS = 32;
/** Every 20th request is invalid. */
const REFUSED_EVERY = 20;
/** Far above what was measured, far below the growth if requests or responses were kept. */
const MAX_GROWTH_BYTES = 128 * 2 ** 20;

type Owner = Awaited<ReturnType<ConnectedEmulator['credentials']['create']>>;

let child: ChildProcess;
let emulator: ConnectedEmulator;

beforeAll(async () => {
  child = fork(fileURLToPath(new URL('emulator-under-load.ts', import.meta.url)));
  const [report] = (await once(child, 'message')) as [Report];
  if (!('url' in report)) throw new Error('the emulator did not report its URL');
  emulator = await connectEmulator(report.url);
}, 60_000);

afterAll(async () => {
  await emulator?.close();
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
});

async function residentBytesAfter(order: Order): Promise<number> {
  const message = once(child, 'message') as Promise<[Report]>;
  child.send(order);
  const [report] = await message;
  if (!('residentBytes' in report)) throw new Error('the emulator did not report its memory');
  return report.residentBytes;
}

interface Issued {
  readonly clientId: string;
  readonly token: string;
}

function isRefused(index: number): boolean {
  return index % REFUSED_EVERY === REFUSED_EVERY - 1;
}

async function requestTokens(client: LoadClient, owners: readonly Owner[], count: number): Promise<Issued[]> {
  const issued: Issued[] = [];
  const wrong: unknown[] = [];
  await runMany(count, CONNECTIONS, async (index) => {
    // The offset distributes the invalid requests over all owners.
    const owner = owners[(index + Math.floor(index / REFUSED_EVERY)) % owners.length] as Owner;
    const secret = isRefused(index) ? `${owner.clientSecret}?` : owner.clientSecret;
    const { status, body } = await client.requestToken(emulator.realm, owner.clientId, secret);
    const isRight = isRefused(index)
      ? status === 401 && body['error'] === 'invalid_client'
      : status === 200 && body['token_type'] === 'bearer' && body['expires_in'] === 300;
    if (!isRight) wrong.push({ index, status, body });
    else if (!isRefused(index)) issued.push({ clientId: owner.clientId, token: String(body['access_token']) });
  });
  expect(wrong).toEqual([]);
  return issued;
}

/** Returns the number of successful calls by client id. */
async function callResources(client: LoadClient, issued: readonly Issued[], count: number) {
  const succeeded = new Map<string, number>();
  const wrong: unknown[] = [];
  await runMany(count, CONNECTIONS, async (index) => {
    const { token, clientId } = issued[index % issued.length] as Issued;
    const { status, body } = await client.call('/some-resource', isRefused(index) ? `${token.slice(1)}x` : token);
    const isRight = isRefused(index)
      ? status === 401 && body['error'] === 'invalid_token'
      : status === 200 && body['clientId'] === clientId && body['realm'] === emulator.realm;
    if (!isRight) wrong.push({ index, status, body });
    else if (!isRefused(index)) succeeded.set(clientId, (succeeded.get(clientId) ?? 0) + 1);
  });
  expect(wrong).toEqual([]);
  return succeeded;
}

test('under load, all responses are correct, the request log is complete, and memory stays bounded', async () => {
  const owners = await Promise.all(
    Array.from({ length: CREDENTIALS }, () => emulator.credentials.create({ roles: ['reader'] })),
  );
  using client = new LoadClient(emulator.url, CONNECTIONS);
  await callResources(client, await requestTokens(client, owners, WARM_UP), WARM_UP);
  const { requests } = emulator;
  await requests.count();
  const before = await residentBytesAfter(0);
  await emulator.reset();
  for (const owner of owners) await emulator.credentials.create({ roles: ['reader'], ...owner });

  const issued = await requestTokens(client, owners, TOKEN_REQUESTS);
  const refusedTokens = TOKEN_REQUESTS / REFUSED_EVERY;
  expect(new Set(issued.map(({ token }) => token)).size, 'no token twice').toBe(TOKEN_REQUESTS - refusedTokens);
  const succeeded = await callResources(client, issued, RESOURCE_CALLS);
  const refusedCalls = RESOURCE_CALLS / REFUSED_EVERY;

  expect(await requests.count()).toBe(TOKEN_REQUESTS + RESOURCE_CALLS);
  expect(await requests.count({ endpoint: 'token', reason: 'issued' })).toBe(issued.length);
  expect(await requests.count({ endpoint: 'token', reason: 'wrong_secret' })).toBe(refusedTokens);
  expect(await requests.count({ endpoint: 'GET /some-resource', reason: 'unknown_token' })).toBe(refusedCalls);
  for (const { clientId } of owners) {
    const filter = { endpoint: 'GET /some-resource', reason: 'ok', clientId } as const;
    expect(await requests.count(filter), `calls of ${clientId}`).toBe(succeeded.get(clientId));
  }
  expect((await residentBytesAfter(0)) - before).toBeLessThan(MAX_GROWTH_BYTES);
}, 120_000);

test('a full request log keeps the newest entries, and memory stays bounded', async () => {
  const { requests } = emulator;
  const before = await requests.count();
  const full = await residentBytesAfter(REQUEST_LOG_CAPACITY - before);
  expect(await requests.count(), 'the number in docs/emulator.md').toBe(100_000);
  // More than the batch in which the oldest entries are removed.
  const after = await residentBytesAfter(REQUEST_LOG_CAPACITY * 0.26);
  expect(await requests.count()).toBe(100_000);
  expect(await requests.count({ reason: 'no_route' }), 'the oldest were removed').toBe(100_000);
  expect(after - full).toBeLessThan(MAX_GROWTH_BYTES);
}, 120_000);
