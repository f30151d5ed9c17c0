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
