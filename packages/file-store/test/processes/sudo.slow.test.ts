import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const nobody = 65_534;

/** Claims with the default directory, and prints the outcome. */
const script = `
  import { fileTokenStore } from '@instellix/file-store';
  const request = { minIntervalMs: 60_000, leaseMs: 1, minRemainingMs: 0 };
  const { outcome } = await fileTokenStore().claim({ gate: 'gate', token: 'token' }, request);
  console.log(outcome);`;

// Starting a process as another user requires root.
describe.skipIf(process.geteuid?.() !== 0)('a program that root has run once with the environment of a user', () => {
  let folder: string;
  let home: string;
  let temporary: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sudo-'));
    home = join(folder, 'home');
    temporary = join(folder, 'tmp');
    for (const each of [folder, home, temporary, join(home, '.local'), join(home, '.local', 'state')]) {
      await mkdir(each, { recursive: true, mode: 0o755 });
    }
    for (const each of [home, join(home, '.local'), join(home, '.local', 'state')]) await chown(each, nobody, nobody);
    await chmod(folder, 0o755);
    // A copy of Node, because the user may not be able to reach the one that runs the tests.
    await cp(process.execPath, join(folder, 'node'));
    await build({
      stdin: { contents: script, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      outfile: join(folder, 'program.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@instellix/source'],
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function runAs(uid: number): Promise<string> {
    const options = { uid, gid: uid, cwd: folder, env: { HOME: home, TMPDIR: temporary } };
    const { stdout } = await run(join(folder, 'node'), [join(folder, 'program.mjs')], options);
    return stdout.trim();
  }

  test('shares tokens for the user afterwards', async () => {
    expect(await runAs(0)).toBe('granted');
    expect(await readdir(join(home, '.local', 'state'))).toEqual([]);
    expect(await readdir(temporary)).toEqual(['instellix-0']);
    expect([await runAs(nobody), await runAs(nobody)]).toEqual(['granted', 'wait']);
    expect(await readdir(join(home, '.local', 'state'))).toEqual(['instellix']);
  });
});
