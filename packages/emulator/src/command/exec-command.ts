import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Command } from 'commander';
import type { Emulator } from '../emulator/emulator.ts';
import type { CommandIo } from './command-io.ts';
import { TOKEN_VARIABLE, UsageError } from './flags.ts';
import { addStartFlags, readStartOptions, startNamed } from './start-command.ts';

/** `exec`: starts an emulator, runs a command with its variables, and ends it with the exit status of the command. */
export function createExecCommand(io: CommandIo, setStatus: (status: number) => void): Command {
  const command = new Command('exec').description('Start an emulator, run COMMAND with its variables, and stop it');
  const flags = addStartFlags(command);
  command.usage('[options] -- COMMAND').argument('[command...]').passThroughOptions();
  return command.action(async ([program, ...rest]: readonly string[], values: Readonly<Record<string, unknown>>) => {
    // It is empty when a shell variable is not set.
    if (!program) throw new UsageError('the command is missing: instellix-emulator exec -- COMMAND');
    const options = await readStartOptions(flags, values, io);
    await using emulator = await startNamed(flags, options);
    if (io.stopping.aborted) return setStatus(signalStatus(io.stopping.reason as NodeJS.Signals));
    const env = { ...childEnv(emulator, io.env), ...(options.adminToken && { [TOKEN_VARIABLE]: options.adminToken }) };
    setStatus(await runChild(spawn(program, rest, { stdio: 'inherit', env }), program, io));
  });
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
