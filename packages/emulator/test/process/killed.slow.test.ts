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

test('a killed process loses no acknowledged write, and its file can be opened at once', async () => {
  const database = join(folder, 'killed.db');
  const program = fileURLToPath(new URL('run-and-be-killed.ts', import.meta.url));
  const child = spawn(process.execPath, [program, database], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const line = await Promise.race([once(child.stdout, 'data'), exit.then(() => undefined)]);
  child.kill('SIGKILL');
  await exit;
  const report = JSON.parse(String(line)) as Record<'clientId' | 'clientSecret' | 'token' | 'defaultSecret', string>;

  await using emulator = await start({ database, clock: new Date(0) });
  expect(emulator.clientSecret).toBe(report.defaultSecret);
  expect((await callResource(emulator, '/customers', report.token)).status).toBe(200);
  expect((await callToken(emulator, report)).status).toBe(401);
  expect(await lastReason(emulator)).toBe('throttled');
}, 60_000);

test.each([1, 40, 200])(
  'a process killed after %i writes loses no acknowledged write, and leaves no partial one',
  async (writes) => {
    const database = join(folder, `cut-off-${writes}.db`);
    const program = fileURLToPath(new URL('write-until-killed.ts', import.meta.url));
    const child = spawn(process.execPath, [program, database], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stdout.split('\n').length > writes) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const acknowledged = stdout
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
