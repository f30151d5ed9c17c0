import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, vi } from 'vitest';

// A process of its own takes its time on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

const program = fileURLToPath(new URL('../src/command/main.ts', import.meta.url));
const nodeOptions = ['--conditions=@instellix/source'];

/** A folder of this file's tests, for state, secrets and `.env` files. */
export const folder = mkdtempSync(join(tmpdir(), 'instellix-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Halves the time that a process takes to start. */
const compileCache = join(folder, 'compile-cache');

/** How a command ended, and what it printed. */
export interface Ended {
  /** The exit status, or the name of the signal. */
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where and with what a command runs. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  /** False: nothing reads standard output. @default true */
  readonly readsOutput?: boolean;
}

const running = new Set<ChildProcess>();
afterEach(async () => {
  const children = [...running];
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
});

/** The variables of a process: nothing leads to the credentials or the tokens of the user who runs the tests. */
export function createEnv(env: RunOptions['env'] = {}): Record<string, string> {
  const { PATH = '' } = process.env;
  return {
    PATH,
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    NODE_COMPILE_CACHE: compileCache,
    NODE_OPTIONS: nodeOptions.join(' '),
    ...env,
  };
}

/** Starts `instellix` as a process of its own; it is killed when the test ends without it. */
export function launch(
  args: readonly string[],
  { env, cwd = folder, stdin = '', readsOutput = true }: RunOptions = {},
) {
  const child = spawn(process.execPath, [program, ...args], { env: createEnv(env), cwd });
  running.add(child);
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const ended = Promise.all([once(child, 'exit'), readsOutput ? text(child.stdout) : '', text(child.stderr)]);
  return {
    child,
    ended: ended.then(([[code, signal], stdout, stderr]): Ended => {
      running.delete(child);
      const secret = env?.['INSTELLIX_CLIENT_SECRET'];
      if (secret) expect(stdout + stderr).not.toContain(secret);
      return { status: code ?? signal, stdout, stderr };
    }),
  };
}

/** Runs `instellix` to its end. */
export function run(args: readonly string[], options?: RunOptions): Promise<Ended> {
  return launch(args, options).ended;
}

/** Runs a script of a shell in which `instellix` is a command. */
export async function runShell(shell: string, script: string, env: RunOptions['env'] = {}): Promise<Ended> {
  const instellix = `instellix() { ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"; }`;
  const child = spawn(shell, ['-c', `${instellix}\n${script}`], { env: createEnv(env), cwd: folder });
  running.add(child);
  const [[status], stdout, stderr] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)]);
  running.delete(child);
  return { status, stdout, stderr };
}
