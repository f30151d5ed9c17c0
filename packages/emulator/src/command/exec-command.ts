import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Command } from 'commander';
import type { Emulator } from '../emulator/start-emulator.ts';
import type { CommandIo } from './command-io.ts';
import { TOKEN_VARIABLE, UsageError } from './flags.ts';
import { addStartFlags, readStartOptions, startNamed } from './start-command.ts';

/** Creates `exec`, which starts an emulator, runs a command with its variables, and exits with its status. */
export function createExecCommand(io: CommandIo, setStatus: (status: number) => void): Command {
  const command = new Command('exec').description('Start an emulator, run COMMAND with its variables, and stop it');
  const flags = addStartFlags(command);
  command.usage('[options] -- COMMAND').argument('[command...]').passThroughOptions();
  return command.action(async ([program, ...rest]: readonly string[], values: Readonly<Record<string, unknown>>) => {
    // `exec -- "$COMMAND"` passes an empty string when the variable is not set.
    if (!program) throw new UsageError('the command is missing: instellix-emulator exec -- COMMAND');
    const options = readStartOptions(flags, values, io);
    await using emulator = await startNamed(flags, options);
    if (io.stopping.aborted) return setStatus(signalStatus(io.stopping.reason as NodeJS.Signals));
    const env = { ...childEnv(emulator, io.env), ...(options.adminToken && { [TOKEN_VARIABLE]: options.adminToken }) };
    setStatus(await runChild(spawn(program, rest, { stdio: 'inherit', env }), program, io));
  });
}

/** The environment of the command, without our own INSTELLIX_ variables, which could point to production. */
function childEnv(emulator: Emulator, env: CommandIo['env']): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('INSTELLIX_'));
  return { ...Object.fromEntries(kept), ...emulator.env, INSTELLIX_EMULATOR_URL: emulator.url };
}

function runChild(child: ChildProcess, command: string, io: CommandIo): Promise<number> {
  const ignore = io.onSignal((signal) => {
    // The terminal sends SIGINT to the command as well, and many commands treat a second one differently.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const problem =
        error.code === 'ENOENT' ? 'not found; check its name and PATH' : `cannot be started (${error.code})`;
      reject(new Error(`${command}: ${problem}`));
    });
    child.once('exit', (status, signal) => resolve(status ?? signalStatus(signal ?? 'SIGKILL')));
  }).finally(ignore);
}

/** The exit status that a shell reports for a command that a signal ended. */
function signalStatus(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
