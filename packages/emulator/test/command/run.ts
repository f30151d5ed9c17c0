import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, vi } from 'vitest';
import { runCommand } from '../../src/command/run-command.ts';

// Starting a process is slow on a machine that runs other tests.
vi.setConfig({ testTimeout: 60_000 });

const PROGRAM = fileURLToPath(new URL('../../src/command/main.ts', import.meta.url));

/** The exit status and the output of a command. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly child: ChildProcess;
  /** The next line on its standard output. */
  nextLine(): Promise<string>;
  readonly ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();
afterEach(async () => {
  const children = [...running];
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
});

/** Starts `instellix-emulator` as a process. It is killed after the test if it still runs. */
export function launch(args: readonly string[], env: Record<string, string> = {}): Running {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('INSTELLIX_'));
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...Object.fromEntries(kept), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close').then(([status]) => {
    running.delete(child);
    return { status: status as number | null, stdout, stderr };
  });
  return {
    child,
    ended,
    async nextLine() {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the command printed no further line; stderr: ${stderr}`);
      return value;
    },
  };
}

/** Runs `instellix-emulator` to its end. */
export function run(args: readonly string[], env?: Record<string, string>): Promise<Ended> {
  return launch(args, env).ended;
}

/** Runs a command line in this process, which is faster. For tests without signals. */
export async function runHere(
  args: readonly string[],
  env: Record<string, string> = {},
  stopping = new AbortController().signal,
): Promise<Ended> {
  const printed: string[] = [];
  const errors: string[] = [];
  const io = {
    env,
    stopping,
    print: (line: string) => printed.push(`${line}\n`),
    printError: (line: string) => errors.push(`${line}\n`),
    onSignal: () => () => {},
  };
  const status = await runCommand(args, io);
  return { status, stdout: printed.join(''), stderr: errors.join('') };
}
