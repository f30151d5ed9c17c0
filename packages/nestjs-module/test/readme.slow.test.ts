import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmulator } from '@instellix/emulator';
import { startService } from '@instellix/testing/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBlocks } from '../../../tools/markdown.ts';

const register = new URL('../../../tools/decorators/register.ts', import.meta.url).href;
const readService = async (document: string) => {
  const text = await readFile(new URL(document, import.meta.url), 'utf8');
  return findBlocks(text, /^ts service=/)[0].code;
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
    const config = { extends: '../../../../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    // The snippet tests check its types.
    await promisify(execFile)('tsc', ['--project', folder, '--noEmit', 'false', '--noCheck', '--noResolve']);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Starts a service as written. */
  async function start(name: keyof typeof services, env: Record<string, string>) {
    const args = ['--conditions=@instellix/source', `--import=${register}`, '--no-warnings', `${name}.js`];
    const service = await startService({ args, folder, env, readyPath: '/' });
    const read = async (path: string, init?: RequestInit) => {
      const response = await service.read(path, init);
      return { ...response, body: JSON.parse(response.body) };
    };
    return { ...service, read };
  }

  const problem = (code: string) => ({
    status: 502,
    type: 'application/problem+json',
    body: { title: 'Bad Gateway', status: 502, code },
  });

  test('runs, and ends after SIGTERM', async () => {
    await using emulator = await startEmulator();
    await using service = await start('readme', emulator.env);
    expect(await service.read('/customers')).toMatchObject({ status: 200, body: { customers: expect.any(Array) } });
    expect(await service.stop()).toBe('SIGTERM');
  });

  test('responds with 502 when it lacks a right, and logs which one', async () => {
    await using emulator = await startEmulator();
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['none'] });
    const credential = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    await using service = await start('readme', { ...emulator.env, ...credential });
    expect(await service.read('/customers')).toEqual(problem('insufficient_scope'));
    expect(service.output()).toMatch(/InstellixExceptionFilter.*customers:read/);
  });

  test('responds with 502 when the API fails or is down', async () => {
    await using emulator = await startEmulator();
    await using service = await start('readme', emulator.env);
    const fault = await emulator.faults.add({ on: 'GET /customers', respond: { status: 500, body: '{}' } });
    expect(await service.read('/customers')).toMatchObject({ status: 502, body: { message: 'Bad Gateway' } });
    await fault.remove();
    await emulator.close();
    expect(await service.read('/customers')).toEqual(problem('api_unreachable'));
  });

  test('starts while instellix is down', async () => {
    const emulator = await startEmulator();
    await emulator.close();
    await using service = await start('readme', emulator.env);
    expect(await service.read('/')).toMatchObject({ status: 404 });
    expect(await service.stop()).toBe('SIGTERM');
  });

  test('forwards JSON bodies of callers with the key', async () => {
    await using emulator = await startEmulator();
    await using service = await start('proxy', { ...emulator.env, PARTNER_KEY: 'planted-key' });
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
