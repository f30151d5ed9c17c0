import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Runs the command as a process. */
function run(args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const command = ['--conditions=@instellix/source', script, ...args];
    const child = execFile(process.execPath, command, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

const total = (stdout: string, who: string) => {
  const line = new RegExp(`^${who}: ([\\d,]+) calls, ([\\d,]+) failed, (\\d+) token requests, (\\d+) throttled$`, 'm');
  const [calls = 0, failed = 0, tokenRequests = 0, throttled = 0] = (line.exec(stdout) ?? [])
    .slice(1)
    .map((text) => Number(text.replaceAll(',', '')));
  return { calls, failed, tokenRequests, throttled };
};

describe('the fleet', () => {
  test('sends one token request with a shared token, and is throttled without', {
    timeout: 60_000,
  }, async () => {
    const { code, stdout, stderr } = await run(['--workers', '4', '--seconds', '5']);
    expect([code, stderr]).toEqual([0, '']);
    const shared = total(stdout, 'shared');
    expect(shared).toMatchObject({ failed: 0, throttled: 0 });
    expect(shared.calls).toBeGreaterThan(0);
    expect(shared.tokenRequests).toBe(1);
    expect(total(stdout, 'alone').throttled).toBeGreaterThan(0);
    expect(stdout.match(/^ +\d s +\d+ token requests +\d+ throttled +[\d,]+ calls\/s +[\d,]+ failed$/gm)).toHaveLength(
      10,
    );
  });

  test('prints its usage for invalid arguments', async () => {
    const { code, stdout, stderr } = await run(['--workers', 'many']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^.+\n.*--help.*\n$/);
  });

  test('prints its usage with --help', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: .*--redis URL/s) });
  });

  test('ends its workers when it is killed', async () => {
    // A process that is killed leaves its directory behind.
    await using directory = await mkdtempDisposable(join(tmpdir(), 'fleet-test-'));
    const child = spawn(process.execPath, ['--conditions=@instellix/source', script, '--workers', '2'], {
      env: { ...process.env, TMPDIR: directory.path },
    });
    await once(child.stdout, 'data');
    const workers = spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)])
      .stdout.toString()
      .trim()
      .split(/\s+/);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const isAlive = (pid: string) => spawnSync('ps', ['-p', pid]).status === 0;
    await expect.poll(() => workers.filter((pid) => pid !== '' && isAlive(pid)), { timeout: 20_000 }).toEqual([]);
  });
});
