import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Emulator } from '../emulator/emulator.ts';
import { startEmulator } from '../emulator/start-emulator.ts';
import type { CommandIo } from './command-io.ts';
import { parseFlags } from './parse-flags.ts';
import { readStartOptions, START_FLAGS, TOKEN_VARIABLE } from './start-options.ts';
import { UsageError } from './usage-error.ts';

/** Starts an emulator, runs a command with its variables, and ends it: with the exit status of the command. */
export async function execCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const dashes = args.indexOf('--');
  const [command, ...rest] = dashes < 0 ? [] : args.slice(dashes + 1);
  // An empty one is that of a shell whose variable is not set.
  if (!command) throw new UsageError('the command is missing: instellix-emulator exec -- COMMAND');
  const options = await readStartOptions(parseFlags(args.slice(0, dashes), START_FLAGS), io.env);
  await using emulator = await startEmulator(options);
  if (io.stopping.aborted) return signalStatus(io.stopping.reason as NodeJS.Signals);
  const env = { ...childEnv(emulator, io.env), ...(options.adminToken && { [TOKEN_VARIABLE]: options.adminToken }) };
  return await runChild(spawn(command, rest, { stdio: 'inherit', env }), command, io);
}

/** The variables of the command: those around it, with every INSTELLIX_ variable that could lead elsewhere taken out. */
function childEnv(emulator: Emulator, env: CommandIo['env']): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('INSTELLIX_'));
  return { ...Object.fromEntries(kept), ...emulator.env, INSTELLIX_EMULATOR_URL: emulator.url };
}

function runChild(child: ChildProcess, command: string, io: CommandIo): Promise<number> {
  const ignore = io.onSignal((signal) => {
    // Ctrl-C at a terminal has reached the command already, and a second one means something else to many.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'ENOENT' ? 'is not found' : 'cannot be started';
      reject(new Error(`${command} ${problem}`));
    });
    child.once('exit', (status, signal) => resolve(status ?? signalStatus(signal ?? 'SIGKILL')));
  }).finally(ignore);
}

/** What a shell makes of a command that a signal ended. */
function signalStatus(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
