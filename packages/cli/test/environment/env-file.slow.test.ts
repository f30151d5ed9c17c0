import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { loadEnvFile } from '../../src/environment/env-file.ts';
import { start } from '../emulators.ts';
import { folder, run } from '../run.ts';

const file = join(folder, 'variables');
beforeAll(() =>
  writeFileSync(file, "INSTELLIX_REALM=acme\n# a comment\nexport INSTELLIX_CLIENT_ID='billing'\nOTHER=1\n"),
);

test('adds the INSTELLIX_ variables of a file, and no others', () => {
  const env = {};
  const { names } = loadEnvFile(env, file);
  expect([...names].sort()).toEqual(['INSTELLIX_CLIENT_ID', 'INSTELLIX_REALM']);
  expect(env).toEqual({ INSTELLIX_REALM: 'acme', INSTELLIX_CLIENT_ID: 'billing' });
});

test('a byte order mark is no part of the first name', () => {
  const marked = join(folder, 'marked');
  writeFileSync(marked, '\uFEFFINSTELLIX_REALM=acme\n');
  expect(loadEnvFile({}, marked).names).toEqual(['INSTELLIX_REALM']);
});

test('no name in a file controls the terminal', async () => {
  const cwd = join(folder, 'hostile');
  mkdirSync(cwd);
  writeFileSync(join(cwd, '.env'), 'INSTELLIX_\u001b]0;A\u0007=1\nINSTELLIX_\u009b31m=1\n');
  for (const args of [['token'], ['doctor'], ['doctor', '--json']]) {
    const { stdout, stderr } = await run(args, { cwd });
    expect(stdout + stderr).toContain('INSTELLIX_ ');
    expect((stdout + stderr).replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  }
});

test('variables that are set take precedence, even when they are empty', () => {
  const env = { INSTELLIX_REALM: 'other', INSTELLIX_CLIENT_ID: '' };
  expect(loadEnvFile(env, file).names).toEqual([]);
  expect(env).toEqual({ INSTELLIX_REALM: 'other', INSTELLIX_CLIENT_ID: '' });
});

test('.env is not used when the environment names a server or a credential, unless the user names the file', async () => {
  const cwd = join(folder, 'foreign');
  mkdirSync(cwd);
  writeFileSync(join(cwd, '.env'), 'INSTELLIX_API_URL=https://foreign.example\nINSTELLIX_REALM=acme\n');
  const env = { INSTELLIX_CLIENT_ID: 'billing', INSTELLIX_CLIENT_SECRET: 'planted-secret' };
  const skipped = '.env is not used, because INSTELLIX_CLIENT_ID is set. To use it nevertheless, give --env-file .env.';
  const { status, stderr } = await run(['token'], { cwd, env });
  expect(status).toBe(1);
  expect(stderr).toContain(skipped);
  expect((await run(['doctor'], { cwd, env })).stdout).toContain(skipped);
  expect(loadEnvFile({ INSTELLIX_DEBUG: '1' }, file).names).toHaveLength(2);
});

test('.env is not used when it names a secret file elsewhere, unless the user names .env', async () => {
  const { env, clientSecret } = await start();
  const { INSTELLIX_CLIENT_SECRET: _, ...others } = env as Record<string, string>;
  const cwd = join(folder, 'cloned');
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'secret'), clientSecret);
  writeFileSync(join(folder, 'secret'), clientSecret);
  symlinkSync(join(folder, 'secret'), join(cwd, 'link'));
  const runWith = (file: string, ...args: string[]) => {
    const lines = Object.entries({ ...others, INSTELLIX_CLIENT_SECRET_FILE: file }).map((pair) => pair.join('='));
    writeFileSync(join(cwd, '.env'), lines.join('\n'));
    return run(['token', ...args], { cwd });
  };
  const reason = 'because its INSTELLIX_CLIENT_SECRET_FILE is outside of its directory';
  for (const file of ['../secret', 'link', join(folder, 'secret')]) {
    const { status, stderr } = await runWith(file);
    expect(status).toBe(1);
    expect(stderr).toContain(`.env is not used, ${reason}. To use it nevertheless, give --env-file .env.`);
  }
  expect(await runWith('../secret', '--env-file', '.env')).toMatchObject({ status: 0, stderr: '' });
  expect(await runWith('secret')).toMatchObject({ status: 0, stderr: '' });
});

test('a file of another encoding is not taken for an empty one', async () => {
  const cwd = join(folder, 'powershell');
  mkdirSync(cwd);
  writeFileSync(join(cwd, '.env'), '\uFEFFINSTELLIX_REALM=acme\r\n', 'utf16le');
  const problem =
    '.env cannot be read (ERR_ENCODING_INVALID_ENCODED_DATA): check the path and its permissions, and that';
  expect((await run(['token'], { cwd })).stderr).toContain(problem);
  expect((await run(['doctor'], { cwd })).stdout).toContain(problem);
});

test('a file that was named must be readable', async () => {
  expect(() => loadEnvFile({}, folder)).toThrow(
    `${folder} cannot be read (EISDIR): check the path and its permissions, and that it is UTF-8.`,
  );
  // Node ends with 9 before the command starts: https://github.com/nodejs/node/issues/54232
  const { status, stderr } = await run(['token', '--env-file', 'missing']);
  expect([status, stderr]).toEqual([9, expect.stringMatching(/^[^\n]*: missing: not found\n$/)]);
});

test('a .env that cannot be read is a problem only when variables are missing', async () => {
  const cwd = join(folder, 'python');
  mkdirSync(join(cwd, '.env'), { recursive: true });
  const { env } = await start();
  expect(await run(['token'], { cwd, env })).toMatchObject({ status: 0, stderr: '' });
  const problem = '.env cannot be read (EISDIR)';
  expect((await run(['token'], { cwd })).stderr).toContain(problem);
  expect(JSON.parse((await run(['doctor', '--json'], { cwd })).stdout).steps[0].remedy).toContain(problem);
});

test('every command reads .env in the current directory, and the doctor says what it found there', async () => {
  const { env } = await start();
  const cwd = join(folder, 'project');
  mkdirSync(cwd);
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(cwd, '.env'), lines.join('\n'));
  expect(await run(['token'], { cwd })).toMatchObject({ status: 0, stderr: '' });
  expect(await run(['token', '--env-file', 'project/.env'])).toMatchObject({ status: 0, stderr: '' });
  expect(await run(['request', 'GET', '/customers'], { cwd })).toMatchObject({ status: 0 });
  const { status, stdout } = await run(['doctor', '--path', '/customers'], { cwd });
  expect(status).toBe(0);
  expect(stdout).toContain('From .env: INSTELLIX_API_URL, ');
  for (const [name, value] of Object.entries(env)) if (name.endsWith('_SECRET')) expect(stdout).not.toContain(value);
});
