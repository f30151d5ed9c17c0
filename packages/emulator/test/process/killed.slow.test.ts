import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, lastReason } from '../wire/token-call.ts';

const start = useEmulators();
const folder = mkdtempSync(join(tmpdir(), 'instellix-emulator-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('nothing that was acknowledged is lost when the process is killed, and its file is free at once', async () => {
  const database = join(folder, 'killed.db');
  const program = fileURLToPath(new URL('run-and-be-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [program, database], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const line = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)]);
  child.kill('SIGKILL');
  await exit;
  const told = JSON.parse(String(line)) as Record<'clientId' | 'clientSecret' | 'token' | 'defaultSecret', string>;

  await using emulator = await start({ database, clock: new Date(0) });
  expect(emulator.clientSecret).toBe(told.defaultSecret);
  expect((await callResource(emulator, '/customers', told.token)).status).toBe(200);
  expect((await callToken(emulator, told)).status).toBe(401);
  expect(await lastReason(emulator)).toBe('throttled');
}, 60_000);

test.each([1, 40, 200])(
  'killed in the middle of writes, after %i of them: nothing acknowledged is lost, nothing half-done shows',
  async (writes) => {
    const database = join(folder, `cut-off-${writes}.db`);
    const program = fileURLToPath(new URL('write-until-killed.ts', import.meta.url));
    const child = spawn(process.execPath, [program, database], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
      if (told.split('\n').length > writes) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = told
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(acknowledged.length).toBeGreaterThanOrEqual(writes);

    await using emulator = await start({ database, clock: new Date(0) });
    const credentials = await emulator.credentials.list();
    for (const { secrets } of credentials) expect(secrets).toHaveLength(1);
    expect(credentials.length - 1 - acknowledged.length, 'at most one write was not acknowledged').toBeOneOf([0, 1]);
    for (const { clientId = '', before = '', clientSecret = '', token = '' } of acknowledged.slice(-20)) {
      expect((await callResource(emulator, '/customers', token)).status).toBe(200);
      await callToken(emulator, { clientId, clientSecret: before });
      expect(await lastReason(emulator)).toBe('secret_expired');
      await callToken(emulator, { clientId, clientSecret });
      expect(await lastReason(emulator)).toBe('throttled');
    }
  },
  60_000,
);
