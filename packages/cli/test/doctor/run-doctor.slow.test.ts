import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../emulators.ts';
import { startFront } from '../front.ts';
import { folder, launch, run, runShell } from '../run.ts';
import { unusedCredential } from './doctor-fault.ts';

const intervalMs = 300;

test.each(['works', 'fails'])('keeps the interval between all token requests when the file store %s', async (state) => {
  const emulator = await start();
  writeFileSync(join(folder, 'file'), '');
  const directory = state === 'works' ? 'state' : 'file/state';
  const secret = { INSTELLIX_CLIENT_SECRET: 'planted wrong secret', INSTELLIX_MIN_INTERVAL_MS: String(intervalMs) };
  const args = ['doctor', '--store-directory', directory];
  const { stdout } = await run(args, { env: { ...emulator.env, ...secret } });
  expect(stdout).toContain('✗ token request: No token for client');
  const times = (await emulator.requests.list({ endpoint: 'token' })).map(({ at }) => at).sort();
  // Four forms, each of them twice.
  expect(times).toHaveLength(8);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  // Clocks of two processes, in whole milliseconds.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs - 5);
});

test('requests a token although the file store holds one, and shares it', async () => {
  const emulator = await start();
  const before = await run(['token'], { env: emulator.env });
  expect((await run(['doctor'], { env: emulator.env })).status).toBe(0);
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
  const after = await run(['token'], { env: emulator.env });
  expect(await emulator.requests.count({ endpoint: 'token' })).toBe(2);
  expect(after.stdout).not.toBe(before.stdout);
});

test('reports a wrong URL in the step of the configuration, not in that of the secret', async () => {
  const wrong = { INSTELLIX_API_URL: 'no-url', INSTELLIX_TOKEN_URL: 'no-url', INSTELLIX_MIN_INTERVAL_MS: 'soon' };
  const { stdout } = await run(['doctor'], { env: { ...unusedCredential, ...wrong } });
  expect(stdout).toContain('✗ configuration: environment.apiUrl');
  expect(stdout).toContain('✓ client secret');
});

test('compares the clock with that of a cached response when it was created', async () => {
  const { env, url } = await start();
  const headers = { date: new Date(Date.now() - 7_200_000).toUTCString(), age: '7200' };
  const target = await startFront({ target: url, headers });
  const { status, stdout } = await run(['doctor'], { env: { ...env, INSTELLIX_API_URL: target } });
  expect(stdout).toContain('✓ clock: At most a minute apart');
  expect(status).toBe(0);
});

test('fails although the reader of the output has gone', async () => {
  const { stdout } = await runShell('bash', 'set -o pipefail; instellix doctor | head -c 3; echo $?');
  expect(stdout).toBe('✗1\n');
});

test('ends at SIGINT', async () => {
  const emulator = await start();
  await emulator.faults.add({ on: 'token', socket: 'hang' });
  const { child, ended } = launch(['doctor'], { env: emulator.env });
  await emulator.requests.waitFor({ endpoint: 'token' });
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  expect(status).toBe(130);
  expect(stdout).toMatch(/^✓ configuration/);
  expect(stderr).not.toContain('instellix:');
});

test('prints no token', async () => {
  const { env } = await start();
  const reports = [await run(['doctor'], { env }), await run(['doctor', '--json'], { env })];
  const { stdout } = await run(['token'], { env });
  for (const report of reports) expect(report.stdout + report.stderr).not.toContain(stdout.trim());
});
