import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const partnerKey = 'planted-partner-key';
// Each test starts a process, which is slow on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

interface Service {
  readonly origin: string;
  readonly child: ChildProcess;
  /** The log so far. */
  readonly log: () => string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null }>;
}

let emulator: Emulator;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => emulator.close());

function run(variables: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=@instellix/source', script], {
    env: { PATH: process.env['PATH'], PORT: '0', PARTNER_KEY: partnerKey, ...variables },
  });
  children.add(child);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null }));
  return { child, log: () => log, ended };
}

/** Starts the service with the emulator. */
async function start(variables: Record<string, string> = {}): Promise<Service> {
  const { child, log, ended } = run({ ...emulator.env, ...variables });
  const failed = ended.then(({ code }) => Promise.reject(new Error(`It ended with ${code}: ${log()}`)));
  failed.catch(() => {});
  const [line] = (await Promise.race([
    once(createInterface(child.stdout as NodeJS.ReadableStream), 'line'),
    failed,
  ])) as [string];
  return { origin: line.replace('Listening on ', ''), child, log, ended };
}

const addCustomer = (origin: string, customer: unknown) =>
  fetch(`${origin}/customers`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(customer),
  });

const isServed = (url: string) =>
  fetch(url, { headers: { connection: 'close' } }).then(
    (response) => response.text().then(() => true),
    () => false,
  );

describe('a user', () => {
  test('adds and lists customers with one token request', async () => {
    const { origin, log } = await start();
    const created = await addCustomer(origin, { name: 'Ada' });
    expect([created.status, await created.json()]).toEqual([201, { id: expect.any(String) }]);
    const list = await fetch(`${origin}/customers`);
    expect([list.status, await list.json()]).toEqual([200, expect.arrayContaining(['Ada'])]);
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
    expect(log()).toBe('');
  });

  test('gets a 422 for an invalid customer, without a call of the API', async () => {
    const { origin } = await start();
    for (const customer of [{}, { name: ' ' }, { name: 5 }])
      expect((await addCustomer(origin, customer)).status).toBe(422);
    expect(await emulator.requests.count()).toBe(0);
  });

  test('gets a 502 when the service lacks a right, which only the log names', async () => {
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
    const { origin, log } = await start({ INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret });
    const response = await addCustomer(origin, { name: 'Ada' });
    expect([response.status, await response.json()]).toEqual([
      502,
      { title: 'Bad Gateway', status: 502, code: 'insufficient_scope' },
    ]);
    expect(log()).toMatch(/^POST \/customers .*`customers:write`.*portal role.*\n$/);
  });

  test.each([
    ['is broken', { respond: { status: 500 } }],
    ['cannot be reached', { socket: 'reset' }],
  ] as const)('gets a 502 from an API that %s', async (_, fault) => {
    await emulator.faults.add({ on: 'GET /customers', ...fault });
    const { origin } = await start();
    const response = await fetch(`${origin}/customers`);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toMatch(/127\.0\.0\.1| at /);
  });
});

describe('a partner', () => {
  const requestAsPartner = (origin: string, path = '/customers', key = partnerKey, init: RequestInit = {}) =>
    fetch(`${origin}/partners${path}`, { ...init, headers: { 'X-Partner-Key': key, ...init.headers } });

  test('gets the list of the API with the rights of the service', async () => {
    const { origin } = await start();
    await addCustomer(origin, { name: 'Ada' });
    const response = await requestAsPartner(origin);
    const customers = expect.arrayContaining([expect.objectContaining({ name: 'Ada' })]);
    expect([response.status, await response.json()]).toEqual([200, { customers }]);
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });

  test('gets a 403 without the key, and the API gets no request', async () => {
    const { origin } = await start();
    expect((await requestAsPartner(origin, '/customers', 'planted-guess')).status).toBe(403);
    expect((await requestAsPartner(origin, '/customers', '')).status).toBe(403);
    expect(await emulator.requests.count()).toBe(0);
  });

  test('gets only the list', async () => {
    const { origin } = await start();
    expect((await requestAsPartner(origin, '/some-resource')).status).toBe(404);
    const post = await requestAsPartner(origin, '/customers', partnerKey, { method: 'POST', body: '{"name":"Eve"}' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await requestAsPartner(origin, '/customers?all=1')).status).toBe(400);
    expect(await emulator.requests.count()).toBe(0);
  });
});

describe('an operator', () => {
  test('sees its health', async () => {
    const { origin } = await start();
    const health = await fetch(`${origin}/health`);
    expect([health.status, await health.json()]).toEqual([
      200,
      expect.objectContaining({ status: 'ok', condition: 'healthy' }),
    ]);
  });

  test('sees that the service is down, and why, without a secret', async () => {
    await emulator.credentials.deactivate(emulator.clientId);
    const { origin } = await start();
    const health = await fetch(`${origin}/health`);
    expect(health.status).toBe(503);
    const body = await health.text();
    expect(body).toMatch(/starting|failing/);
    expect(body).not.toContain(emulator.clientSecret);
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('ends it with %s after the requests in progress', async (signal) => {
    const { origin, child, ended, log } = await start();
    const kept = await fetch(`${origin}/no-route`);
    await kept.text();
    // The request in progress still waits for its token, so that it needs the client.
    const slow = await emulator.faults.add({ on: 'token', delayMs: 1_000 });
    const inProgress = fetch(`${origin}/customers`);
    while (slow.hits === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    let accepts = true;
    while (accepts) accepts = await isServed(`${origin}/health`);
    const response = await inProgress;
    expect([response.status, Array.isArray(await response.json())]).toEqual([200, true]);
    expect(await ended).toEqual({ code: 0 });
    expect(log()).toBe('');
  });

  test('gets a list of all missing settings', async () => {
    const settings = run({ PORT: 'none', PARTNER_KEY: 'planted' });
    expect(await settings.ended).toEqual({ code: 1 });
    expect(settings.log()).toMatch(/^PORT .*\nPARTNER_KEY .*\n$/);
    const credentials = run({});
    expect(await credentials.ended).toEqual({ code: 1 });
    expect(credentials.log()).toMatch(/INSTELLIX_REALM[\s\S]*INSTELLIX_CLIENT_ID/);
  });

  test('gets one line about a port in use', async () => {
    const { origin } = await start();
    const second = run({ ...emulator.env, PORT: new URL(origin).port });
    expect(await second.ended).toEqual({ code: 1 });
    expect(second.log()).toMatch(/^.*EADDRINUSE.*\n$/);
  });
});
