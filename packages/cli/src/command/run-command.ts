import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { describeError, isForDoctor } from '../error/describe-error.ts';
import { type CommandIo, printError, write } from './command-io.ts';
import { createCompletionCommand } from './completion-command.ts';
import { createDoctorCommand } from './doctor-command.ts';
import { createRequestCommand } from './request-command.ts';
import { createTokenCommand } from './token-command.ts';
import { UsageError } from './usage-error.ts';

const help = `
Environment, realm and credential come from the INSTELLIX_ variables and from .env in the current directory.

Exit status: 0 done; 1 failed; 2 the command line is wrong; 128 and the number of the signal when one ended it.`;

/** Runs a command line and returns its exit status. An error is one line on standard error. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let status = 0;
  let output = '';
  const program = createProgram(io, (code) => {
    status = code;
  });
  configure(program, (text) => {
    output += text;
  });
  try {
    await program.parseAsync([...args], { from: 'user' }).catch((error) => {
      if (!(error instanceof CommanderError)) throw error;
      if (error.exitCode === 0) return write(io.stdout, output);
      // Commander shows the help then, and its error says nothing.
      if (error.code !== 'commander.help') throw error;
      throw new UsageError(`the command is missing or does not exist: ${listCommands(program)}`);
    });
    return status;
  } catch (error) {
    return reportError(error, io, status);
  }
}

/** The program with all its commands. */
export function createProgram(io: CommandIo, setStatus: (status: number) => void): Command {
  const program = new Command('instellix');
  program.description('Checks, tokens and calls of the instellix REST API.').version(readVersion());
  program.addHelpText('after', help);
  program.addCommand(createDoctorCommand(io, setStatus));
  program.addCommand(createTokenCommand(io));
  program.addCommand(createRequestCommand(io, setStatus));
  program.addCommand(createCompletionCommand(io, program));
  return program;
}

function configure(command: Command, writeOut: (text: string) => void): void {
  command.exitOverride().configureOutput({ writeOut, writeErr: () => {} });
  for (const subcommand of command.commands) configure(subcommand, writeOut);
}

/** Prints an error, and returns the exit status; `status` is that of what succeeded before. */
function reportError(error: unknown, io: CommandIo, status: number): number {
  const { stopping } = io;
  if (stopping.aborted) return 128 + constants.signals[stopping.reason as NodeJS.Signals];
  // The reader of the output has all that it wants, as with `| head`.
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE') return status;
  const description = describeError(error).replace(/^error: /, '');
  if (error instanceof UsageError || error instanceof CommanderError) {
    printError(io, `instellix: ${description}; see instellix --help`);
    return 2;
  }
  const hint = isForDoctor(error) ? ' To find the cause, run instellix doctor with the same options.' : '';
  printError(io, `instellix: ${description}${hint}`);
  return 1;
}

function listCommands(program: Command): string {
  return program.commands.map((command) => command.name()).join(', ');
}

/** The version of the package that this file is in. */
function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
