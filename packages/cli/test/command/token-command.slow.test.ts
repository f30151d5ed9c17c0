import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { start } from '../emulators.ts';
import { folder, launch, run, runShell } from '../run.ts';

test('a hundred calls in shell loops make one token request', async () => {
  const emulator = await start({ throttleWindowMs: 5_000 });
  const loop = '(for i in $(seq 25); do instellix token || echo failed; done) &';
  const { stdout, stderr } = await runShell('bash', `${loop} ${loop} ${loop} ${loop} wait`, emulator.env);
  const tokens = stdout.trim().split('\n');
  // On an overloaded machine, the disk may seem to hang. A process then requests its own token, says so, and may be throttled.
  const alone = stderr.match(/^instellix: the token is not shared .* did not respond$/gm)?.length ?? 0;
  expect(stderr.match(/^instellix: /gm)?.length ?? 0).toBe(alone);
  expect(tokens).toHaveLength(100);
  expect(new Set(tokens).size).toBeLessThanOrEqual(1 + alone);
  expect(await emulator.requests.count({ endpoint: 'token', reason: 'issued' })).toBeLessThanOrEqual(1 + alone);
  expect(await emulator.requests.count({ endpoint: 'token' })).toBeLessThanOrEqual(1 + 2 * alone);
}, 240_000);

test('prints a token that the API accepts, alone or as a header', async () => {
  const { env, url } = await start();
  const { status, stdout, stderr } = await run(['token'], { env });
  expect([status, stderr]).toEqual([0, '']);
  const headers = { authorization: `Bearer ${stdout.trim()}` };
  expect((await fetch(`${url}/customers`, { headers })).status).toBe(200);
  expect((await run(['token', '--header'], { env })).stdout).toBe(`Authorization: Bearer ${stdout}`);
});

test('requests the token in the form that the flags say', async () => {
  const { env } = await start({ profile: 'rfc' });
  expect((await run(['token'], { env })).status).toBe(1);
  expect((await run(['token', '--body-format', 'urlencoded'], { env })).status).toBe(0);
});

test('prints the token although the store fails, and says so', async () => {
  const { env } = await start();
  writeFileSync(join(folder, 'file'), '');
  const { status, stdout, stderr } = await run(['token', '--store-directory', 'file/store'], { env });
  expect([status, stdout.length]).toEqual([0, 44]);
  expect(stderr).toBe(
    'instellix: the token is not shared with other processes, because the token store failed: ENOTDIR\n',
  );
});

test('a failure is one line that leads to the doctor', async () => {
  const emulator = await start();
  await emulator.faults.add({ on: 'token', respond: { status: 400 } });
  const { status, stdout, stderr } = await run(['token'], { env: emulator.env });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^instellix: No token for .* responded with 400\. .* run instellix doctor with the same options\.\n$/,
  );
});

test('a wrong configuration is one line, which says all that the doctor would say', async () => {
  const { status, stdout, stderr } = await run(['token']);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^instellix: .*clientId .* is missing: set it\.[^\n]*\n$/);
  expect(stderr).not.toContain('doctor');
});

test('a reader that goes away ends it without an error', async () => {
  const { env } = await start();
  const script = 'set -o pipefail; instellix token | head -0; echo $?';
  expect(await runShell('bash', script, env)).toEqual({ status: 0, stdout: '0\n', stderr: '' });
});

test('a full disk is an error', async () => {
  const { env } = await start();
  const { status, stderr } = await runShell('bash', 'instellix token > /dev/full', env);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^instellix: .*ENOSPC.*\n$/);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('says what it waits for, and ends at %s', async (signal, expected) => {
  const emulator = await start();
  await emulator.faults.add({ on: 'token', socket: 'hang' });
  const { child, ended } = launch(['token'], { env: emulator.env });
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill(signal);
  const stderr = 'Waiting for the response of the token endpoint.\n';
  expect(await ended).toEqual({ status: expected, stdout: '', stderr });
});

test('says why it waits for the throttle', async () => {
  const emulator = await start();
  const env = { ...emulator.env, INSTELLIX_MIN_INTERVAL_MS: '4000' };
  await run(['token'], { env });
  await emulator.tokens.expireAll();
  // Tokens are stored under the secret, so the rotated one finds none. The throttle belongs to the client id.
  const { clientSecret } = await emulator.credentials.rotate(emulator.clientId, { overlapMs: 60_000 });
  const { status, stderr } = await run(['token'], { env: { ...env, INSTELLIX_CLIENT_SECRET: clientSecret } });
  expect([status, stderr]).toEqual([
    0,
    expect.stringMatching(
      /^Waiting \d\.\d s, because the token endpoint refuses requests that follow .* too soon\.\n$/,
    ),
  ]);
});
