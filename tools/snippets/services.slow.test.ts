import { startEmulator } from '@instellix/emulator';
import { startService } from '@instellix/testing/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CompiledSnippets, nodeOptions, root } from './compiled-snippets.ts';

const compiled = new CompiledSnippets('services', ({ kind }) => kind === 'service');
const services = compiled.snippets.filter(({ path }) => path === undefined);
const others = compiled.snippets.filter(({ path }) => path !== undefined);

beforeAll(() => compiled.compile());
afterAll(() => compiled[Symbol.dispose]());

/** Starts a service as written. */
async function start(script: string, env: Record<string, string>, readyPath = '/health') {
  const service = await startService({ args: [...nodeOptions, script], folder: root, env, readyPath });
  const read = async (target: string, init?: RequestInit) => {
    const response = await service.read(target, init);
    // Neither a stack nor a page of Express.
    expect(response.body).not.toMatch(/ at |<html|node_modules/);
    return response;
  };
  return { ...service, read };
}

const problem = (status: number, code: string) => ({
  status,
  type: 'application/problem+json',
  body: expect.stringContaining(`"code":"${code}"`),
});

describe.each(services)('the service of $title', ({ script }) => {
  test('runs, and ends on SIGTERM', async () => {
    await using emulator = await startEmulator();
    await using service = await start(script, emulator.env);
    expect(await service.read('/health')).toMatchObject({ status: 200 });
    const { status, body } = await service.read('/customers');
    expect([status, JSON.parse(body)]).toEqual([200, { customers: expect.any(Array) }]);
    expect(await service.stop()).toBe(0);
  });

  test('responds with 502 and insufficient_scope when its own credential lacks a right', async () => {
    await using emulator = await startEmulator();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const credential = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    await using service = await start(script, { ...emulator.env, ...credential });
    expect(await service.read('/customers')).toEqual(problem(502, 'insufficient_scope'));
  });

  test('responds with 502 while the API fails or is down', async () => {
    await using emulator = await startEmulator();
    await using service = await start(script, emulator.env);
    const fault = await emulator.faults.add({ on: 'GET /customers', respond: { status: 500, body: '{}' } });
    expect(await service.read('/customers')).toMatchObject({ status: 502, body: 'Bad Gateway' });
    await fault.remove();
    await emulator.close();
    expect(await service.read('/customers')).toEqual(problem(502, 'api_unreachable'));
    expect(await service.read('/health')).toMatchObject({ status: 200 });
    expect(await service.stop()).toBe(0);
  });

  test('starts while the token endpoint is down, and reports it on /health', async () => {
    await using emulator = await startEmulator();
    const { env } = emulator;
    await emulator.close();
    await using service = await start(script, env);
    expect(await service.read('/health')).toMatchObject({ status: 503, body: expect.stringContaining('"down"') });
    expect(await service.stop()).toBe(0);
  });

  test('shows no stack when the API breaks off', async () => {
    await using emulator = await startEmulator();
    await using service = await start(script, emulator.env);
    await emulator.faults.add({ on: 'GET /customers', socket: 'truncate' });
    expect(await service.read('/customers')).toMatchObject({ status: 500, body: 'Internal Server Error' });
  });
});

test.each(others)(
  'the service of $title responds to $path and ends on SIGTERM',
  async ({ script, path = '' }) => {
    await using emulator = await startEmulator();
    await using service = await start(script, { ...emulator.env, PARTNER_KEY: 'key-of-a-partner' }, '/');
    const response = await service.read(path, { headers: { 'x-partner-key': 'key-of-a-partner' } });
    expect([response.status, JSON.parse(response.body)]).toEqual([200, { customers: expect.any(Array) }]);
    expect([0, 'SIGTERM']).toContain(await service.stop());
  },
  30_000,
);
