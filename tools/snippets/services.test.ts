import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractSnippets } from './extract-snippets.ts';

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

/** A port that is free now; the snippets read theirs from PORT. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a snippet as written, and waits until it listens. */
async function startService(path: string, env: Record<string, string>) {
  const port = await findFreePort();
  const child = spawn(process.execPath, ['--conditions=@instellix/source', path], {
    cwd: root,
    env: { ...process.env, NODE_ENV: '', ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed += chunk;
  });
  const exited = once(child, 'exit');
  const read = async (target: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${target}`);
    const body = await response.text();
    // Neither a stack nor a page of Express.
    expect(body).not.toMatch(/ at |<html|node_modules/);
    return { status: response.status, type: response.headers.get('content-type'), body };
  };
  while ((await read('/health').catch(() => undefined)) === undefined) {
    if (child.exitCode !== null) throw new Error(`The service has ended: ${printed}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    read,
    async stop() {
      child.kill('SIGTERM');
      return (await exited)[0] as number | null;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const problem = (status: number, code: string) => ({
  status,
  type: 'application/problem+json',
  body: expect.stringContaining(`"code":"${code}"`),
});

describe.each(services)('a reader who copies the service of $title', ({ path }) => {
  test('has one that runs, and ends on SIGTERM', async () => {
    await using emulator = await startEmulator();
    await using service = await startService(path, emulator.env);
    expect(await service.read('/health')).toMatchObject({ status: 200 });
    const { status, body } = await service.read('/customers');
    expect([status, JSON.parse(body)]).toEqual([200, { customers: expect.any(Array) }]);
    expect(await service.stop()).toBe(0);
  }, 30_000);

  test('has one whose callers are not told that they lack a right that the service lacks', async () => {
    await using emulator = await startEmulator();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const credential = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    await using service = await startService(path, { ...emulator.env, ...credential });
    expect(await service.read('/customers')).toEqual(problem(502, 'insufficient_scope'));
  }, 30_000);

  test('has one that responds with 502 while the API fails or is down, and shows no stack', async () => {
    await using emulator = await startEmulator();
    await using service = await startService(path, emulator.env);
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
    await using service = await startService(path, env);
    expect(await service.read('/health')).toMatchObject({ status: 503, body: expect.stringContaining('"down"') });
    expect(await service.stop()).toBe(0);
  }, 30_000);

  test('has one that shows no stack when the API breaks off', async () => {
    await using emulator = await startEmulator();
    await using service = await startService(path, emulator.env);
    await emulator.faults.add({ on: 'GET /customers', socket: 'truncate' });
    expect(await service.read('/customers')).toMatchObject({ status: 500, body: 'Internal Server Error' });
  }, 30_000);
});
