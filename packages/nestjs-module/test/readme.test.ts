import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const register = new URL('../../../tools/decorators/register.ts', import.meta.url).href;
const readService = async (document: string) => {
  const text = await readFile(new URL(document, import.meta.url), 'utf8');
  return /^```ts no-run\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? '';
};
const services = {
  readme: await readService('../README.md'),
  proxy: await readService('../../../docs/nestjs.md'),
};

describe('the services of README and guide', { timeout: 60_000 }, () => {
  let folder: string;

  beforeAll(async () => {
    // Inside the package, so that the service finds its imports.
    folder = await mkdtemp(fileURLToPath(new URL('.run-', import.meta.url)));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const [name, code] of Object.entries(services)) await writeFile(join(folder, `${name}.ts`), code);
    const compilerOptions = { erasableSyntaxOnly: false, rewriteRelativeImportExtensions: true };
    const config = { extends: '../../../../tsconfig.test.json', compilerOptions, include: ['*.ts'], exclude: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    // The snippet tests check its types.
    await promisify(execFile)('tsc', ['--project', folder, '--noEmit', 'false', '--noCheck', '--noResolve']);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts the service as written, and waits until it listens. Disposing of it kills it. */
  async function startService(name: keyof typeof services, env: Record<string, string>) {
    const port = await findFreePort();
    const options = ['--conditions=@instellix/source', `--import=${register}`, '--no-warnings', `${name}.js`];
    const child = spawn(process.execPath, options, {
      cwd: folder,
      env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env, PORT: String(port) },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    const exited = once(child, 'exit');
    const read = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const [type] = response.headers.get('content-type')?.split(';') ?? [];
      return { status: response.status, type, body: await response.json() };
    };
    while ((await read('/').catch(() => undefined)) === undefined) {
      if (child.exitCode !== null) throw new Error(`The service has ended: ${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
      read,
      output: () => output,
      async stop() {
        child.kill('SIGTERM');
        return (await exited)[1] as string | null;
      },
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  const problem = (code: string) => ({
    status: 502,
    type: 'application/problem+json',
    body: { title: 'Bad Gateway', status: 502, code },
  });

  test('runs, and ends after SIGTERM', async () => {
    await using emulator = await startEmulator();
    await using service = await startService('readme', emulator.env);
    expect(await service.read('/customers')).toMatchObject({ status: 200, body: { customers: expect.any(Array) } });
    expect(await service.stop()).toBe('SIGTERM');
  });

  test('responds with 502 when it lacks a right, and logs which one', async () => {
    await using emulator = await startEmulator();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const credential = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    await using service = await startService('readme', { ...emulator.env, ...credential });
    expect(await service.read('/customers')).toEqual(problem('insufficient_scope'));
    expect(service.output()).toMatch(/InstellixExceptionFilter.*customers:read/);
  });

  test('responds with 502 when the API fails or is down', async () => {
    await using emulator = await startEmulator();
    await using service = await startService('readme', emulator.env);
    const fault = await emulator.faults.add({ on: 'GET /customers', respond: { status: 500, body: '{}' } });
    expect(await service.read('/customers')).toMatchObject({ status: 502, body: { message: 'Bad Gateway' } });
    await fault.remove();
    await emulator.close();
    expect(await service.read('/customers')).toEqual(problem('api_unreachable'));
  });

  test('starts while instellix is down', async () => {
    const emulator = await startEmulator();
    await emulator.close();
    await using service = await startService('readme', emulator.env);
    expect(await service.read('/')).toMatchObject({ status: 404 });
    expect(await service.stop()).toBe('SIGTERM');
  });

  test('forwards JSON bodies of callers with the key', async () => {
    await using emulator = await startEmulator();
    await using service = await startService('proxy', { ...emulator.env, PARTNER_KEY: 'planted-key' });
    const post = (key: string) =>
      service.read('/partners/customers', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-partner-key': key },
        body: '{"name":"Ada"}',
      });
    expect(await post('planted-key')).toMatchObject({ status: 201, body: { name: 'Ada' } });
    expect(await post('')).toMatchObject({ status: 403 });
    expect(await service.stop()).toBe('SIGTERM');
  });
});

/** Returns a port that is free now. The service reads its port from PORT. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
