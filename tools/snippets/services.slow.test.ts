import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractSnippets } from './extract-snippets.ts';
import { startService } from './start-service.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the project, so that imports resolve as they do for its packages; a folder of this run's own.
const folder = `${root}tools/snippets/.run-services-${process.pid}`;
const services = extractSnippets(root)
  .filter(({ kind }) => kind === 'service')
  .map(({ file, line, code }, index) => ({ title: `${file}:${line}`, path: `${folder}/${index}.ts`, code }));

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const { path, code } of services) writeFileSync(path, code);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a service as written. */
async function start(path: string, env: Record<string, string>) {
  const service = await startService({ args: [path], folder: root, env, readyPath: '/health' });
  const read = async (target: string) => {
    const response = await service.read(target);
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

describe.each(services)('a reader who copies the service of $title', ({ path }) => {
  test('has one that runs, and ends on SIGTERM', async () => {
    await using emulator = await startEmulator();
    await using service = await start(path, emulator.env);
    expect(await service.read('/health')).toMatchObject({ status: 200 });
    const { status, body } = await service.read('/customers');
    expect([status, JSON.parse(body)]).toEqual([200, { customers: expect.any(Array) }]);
    expect(await service.stop()).toBe(0);
  }, 30_000);

  test('has one whose callers are not told that they lack a right that the service lacks', async () => {
    await using emulator = await startEmulator();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const credential = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    await using service = await start(path, { ...emulator.env, ...credential });
    expect(await service.read('/customers')).toEqual(problem(502, 'insufficient_scope'));
  }, 30_000);

  test('has one that responds with 502 while the API fails or is down, and shows no stack', async () => {
    await using emulator = await startEmulator();
    await using service = await start(path, emulator.env);
    const fault = await emulator.faults.add({ on: 'GET /customers', respond: { status: 500, body: '{}' } });
    expect(await service.read('/customers')).toMatchObject({ status: 502, body: 'Bad Gateway' });
    await fault.remove();
    await emulator.close();
    expect(await service.read('/customers')).toEqual(problem(502, 'api_unreachable'));
    expect(await service.read('/health')).toMatchObject({ status: 200 });
    expect(await service.stop()).toBe(0);
  }, 30_000);

  test('has one that starts while the token endpoint is down, and says so to probes', async () => {
    await using emulator = await startEmulator();
    const { env } = emulator;
    await emulator.close();
    await using service = await start(path, env);
    expect(await service.read('/health')).toMatchObject({ status: 503, body: expect.stringContaining('"down"') });
    expect(await service.stop()).toBe(0);
  }, 30_000);

  test('has one that shows no stack when the API breaks off', async () => {
    await using emulator = await startEmulator();
    await using service = await start(path, emulator.env);
    await emulator.faults.add({ on: 'GET /customers', socket: 'truncate' });
    expect(await service.read('/customers')).toMatchObject({ status: 500, body: 'Internal Server Error' });
  }, 30_000);
});
