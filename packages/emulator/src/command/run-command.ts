import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { operations } from '../controls/operations.ts';
import { InvalidInput, shown } from '../state/validate.ts';
import type { CommandIo } from './command-io.ts';
import { createControlCommands, describeCommand } from './control-commands.ts';
import { createExecCommand } from './exec-command.ts';
import { UsageError } from './flags.ts';
import { createStartCommand } from './start-command.ts';

const COMMANDS = operations
  .map(describeCommand)
  .map(({ words, summary }) => `  ${words.join(' ').padEnd(26)}${summary}`);

const HELP = `
Commands for an emulator that is running:
${COMMANDS.join('\n')}

A duration is a number with a unit, such as 90s, 5m or 1h. Without a unit, it is milliseconds (seconds for --token-ttl).
Each command has its own --help.

INSTELLIX_EMULATOR_TOKEN    the adminToken: start requires it from every client, and the other commands send it

Exit status: 0 success, also after SIGTERM or SIGINT; 1 failure; 2 usage error; exec: the status of COMMAND.`;

/** Runs a command line and returns its exit status. An error is printed as one line. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  let status = 0;
  const setStatus = (code: number): void => {
    status = code;
  };
  try {
    await createProgram(args, io, setStatus).parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const isUsage = [UsageError, InvalidInput, CommanderError].some((type) => error instanceof type);
    const message = error instanceof Error ? error.message : String(error);
    const line = message.replace(/^error: /, '').replaceAll(/\s+/g, ' ');
    io.printError(`instellix-emulator: ${line}${isUsage ? '; see instellix-emulator --help' : ''}`);
    return isUsage ? 2 : 1;
  }
}

function createProgram(args: readonly string[], io: CommandIo, setStatus: (code: number) => void): Command {
  const program = new Command('instellix-emulator');
  program.description('A local instellix to develop and test against.').usage('[start] [options] | [command]');
  program.enablePositionalOptions().version(readVersion());
  program.addHelpText('after', HELP);
  program.addCommand(createStartCommand(io), { isDefault: true });
  program.addCommand(createExecCommand(io, setStatus));
  for (const command of createControlCommands(io)) program.addCommand(command, { hidden: true });
  const names = program.commands.map((command) => command.name());
  const [word = ''] = args;
  if (word !== '' && !word.startsWith('-') && word !== 'help' && !names.includes(word)) {
    throw new UsageError(`unknown command ${shown(word)}; the commands are ${names.join(', ')}`);
  }
  const configure = (command: Command): void => {
    command.exitOverride().configureOutput({ writeOut: (output) => io.print(output.trimEnd()), writeErr: () => {} });
    for (const subcommand of command.commands) configure(subcommand);
  };
  configure(program);
  return program;
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
