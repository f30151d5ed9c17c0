import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/** Compiles the decorators in the sources of the NestJS module. */
const register = new URL('../../../tools/decorators/register.ts', import.meta.url).href;
const app = fileURLToPath(new URL('../', import.meta.url));
// Below the app, so that its imports resolve. Node does not compile decorators. The build checks the types.
const compiled = mkdtempSync(`${app}node_modules/.test-`);

let emulator: Emulator;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  await promisify(execFile)('tsc', ['--project', app, '--outDir', compiled, '--noCheck', '--noResolve']);
  emulator = await startEmulator({ throttleWindowMs: 0 });
});
afterEach(async () => {
  await Promise.all([...children].map((child) => child.kill('SIGKILL') && once(child, 'close')));
  children.clear();
  await emulator.reset();
});
afterAll(async () => {
  await emulator.close();
  rmSync(compiled, { recursive: true, force: true });
});

async function createVariables(): Promise<Record<string, string>> {
  const reader = await emulator.credentials.create({ roles: ['reader'] });
  const writer = await emulator.credentials.create({ roles: ['writer'] });
  return {
    PATH: process.env['PATH'] ?? '',
    NO_COLOR: '1',
    PORT: '0',
    INSTELLIX_API_URL: emulator.url,
    INSTELLIX_REALM: emulator.realm,
    READER_CLIENT_ID: reader.clientId,
    READER_CLIENT_SECRET: reader.clientSecret,
    WRITER_CLIENT_ID: writer.clientId,
    WRITER_CLIENT_SECRET: writer.clientSecret,
  };
}

/** Runs the application; resolves when it listens or has ended. */
async function start(changes: Record<string, string> = {}) {
  const env = { ...(await createVariables()), ...changes };
  const options = ['--conditions=@instellix/source', `--import=${register}`, '--no-warnings'];
  const child = spawn(process.execPath, [...options, `${compiled}/main.js`], { cwd: app, env });
  children.add(child);
  let output = '';
  const url = await new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
        const [, found] = /Listening on (\S+)/.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
    child.once('close', () => {
      children.delete(child);
      resolve('');
    });
  });
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  };
  const create = (name: unknown) =>
    call('/customers', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
  return { child, env, url, output: () => output, call, create };
}

describe('the service', { timeout: 60_000 }, () => {
  test('reads with one credential and writes with the other, for one token request each', async () => {
    const { call, create, env } = await start();
    const created = await create('Ada');
    expect(created).toMatchObject({ status: 201, body: { name: 'Ada' } });
    const listed = await Promise.all(Array.from({ length: 20 }, () => call('/customers')));
    for (const { status, body } of listed) {
      expect(status).toBe(200);
      expect(body).toContainEqual(created.body);
    }
    for (const clientId of [env['READER_CLIENT_ID'] ?? '', env['WRITER_CLIENT_ID'] ?? '']) {
      expect(await emulator.requests.count({ endpoint: 'token', clientId })).toBe(1);
    }
    expect(await create('')).toMatchObject({ status: 400 });
  });

  test('responds with 502 and a code when a right is missing, and logs the reason', async () => {
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
    const { create, output } = await start({ WRITER_CLIENT_ID: clientId, WRITER_CLIENT_SECRET: clientSecret });
    const { status, type, body } = await create('Ada');
    expect([status, body]).toEqual([502, { title: 'Bad Gateway', status: 502, code: 'insufficient_scope' }]);
    expect(type).toContain('application/problem+json');
    expect(output()).toMatch(/InstellixExceptionFilter.*insufficient_scope: .*`customers:write`/);
  });

  test('responds with 502 when the API fails or is down, and shows no stack', async () => {
    const { call, create } = await start();
    const fault = await emulator.faults.add({ on: 'GET /customers', respond: { status: 500, body: '{}' } });
    expect(await call('/customers')).toMatchObject({ status: 502, body: { message: 'Cannot list customers.' } });
    await fault.remove();
    for (const on of ['GET /customers', 'POST /customers'] as const) await emulator.faults.add({ on, socket: 'reset' });
    expect(await call('/customers')).toMatchObject({ status: 502, body: { message: 'Cannot list customers.' } });
    expect(await create('Ada')).toMatchObject({ status: 502, body: { code: 'api_unreachable' } });
  });

  test('starts when it gets no token, and says so in its health, its responses and its log', async () => {
    await emulator.faults.add({ on: 'token', respond: { status: 400, body: '{"error":"invalid_request"}' } });
    const { call, create, output } = await start();
    expect(output()).toMatch(/InstellixModule.*client "reader": no token at startup/);
    expect(await call('/health')).toMatchObject({ status: 503, body: { details: { reader: { status: 'down' } } } });
    for (const { status, body } of [await call('/customers'), await create('Ada')]) {
      expect([status, body]).toMatchObject([502, { code: 'token_request_refused' }]);
    }
  });

  test('reports the health of both clients without a token request per check', async () => {
    const { call } = await start();
    for (let probe = 0; probe < 3; probe++) {
      const { status, body } = await call('/health');
      expect(status).toBe(200);
      expect(body).toMatchObject({ details: { reader: { status: 'up' }, writer: { status: 'up' } } });
    }
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
  });

  test('finishes a request in progress after SIGTERM, then ends', async () => {
    const { call, child } = await start();
    await emulator.faults.add({ on: 'GET /customers', delayMs: 300 });
    const slow = call('/customers');
    await emulator.requests.waitFor({ endpoint: 'token' }, { count: 1 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGTERM');
    const [, signal] = await once(child, 'close');
    children.delete(child);
    expect((await slow).status).toBe(200);
    expect(signal).toBe('SIGTERM');
  });

  test('fails to start with every missing variable of each client, and without a secret', async () => {
    const { child, output } = await start({
      INSTELLIX_REALM: '',
      READER_CLIENT_ID: '',
      READER_CLIENT_SECRET: 'planted',
    });
    expect(child.exitCode).toBe(1);
    expect(output()).toMatch(/client "reader": realm.*INSTELLIX_REALM/);
    expect(output()).toMatch(/client "reader": clientId/);
    expect(output()).not.toContain('planted');
  });
});
