import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => emulator.reset());
afterAll(() => emulator.close());

/** Runs the script as a process. */
function run(args: readonly string[], variables: Record<string, string> = emulator.env) {
  const env = { PATH: process.env['PATH'], ...variables };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = ['--conditions=@instellix/source', script, ...args];
    const child = execFile(process.execPath, command, { env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

describe('the script', () => {
  test('adds a customer and lists all of them with one token request', async () => {
    const { code, stdout, stderr } = await run(['Ada']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Created Ada \(.+\)\n/);
    expect(stdout).toMatch(/\n- Ada\n/);
    expect(code).toBe(0);
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });

  test('names the missing right, and the role that can assign it', async () => {
    const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
    const variables = { INSTELLIX_CLIENT_ID: clientId, INSTELLIX_CLIENT_SECRET: clientSecret };
    const { code, stdout, stderr } = await run(['Ada'], { ...emulator.env, ...variables });
    expect(stderr).toMatch(/403.*`customers:write`.*portal role/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('reports a wrong secret in one line, without the secret', async () => {
    const { code, stderr } = await run(['Ada'], { ...emulator.env, INSTELLIX_CLIENT_SECRET: 'planted-wrong-secret' });
    expect(stderr).toMatch(/credential|client id|secret/i);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('planted');
    expect(code).toBe(1);
  });

  test('lists all missing settings', async () => {
    const { code, stderr } = await run(['Ada'], {});
    expect(stderr).toMatch(/INSTELLIX_REALM[\s\S]*INSTELLIX_CLIENT_ID/);
    expect(code).toBe(1);
  });

  test('reports an unreachable API', async () => {
    const fault = await emulator.faults.add({ on: 'POST /customers', socket: 'reset' });
    const { code, stderr } = await run(['Ada']);
    await fault.remove();
    expect(stderr).toMatch(/^The API cannot be reached: .+\n$/);
    expect(code).toBe(1);
  });

  test('prints its usage for invalid arguments', async () => {
    const { code, stdout, stderr } = await run(['Ada', 'Lovelace']);
    expect(stderr).toBe('Usage: node src/main.ts NAME\n');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
