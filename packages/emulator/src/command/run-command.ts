import { readFileSync } from 'node:fs';
import { clockCommand } from './clock-command.ts';
import type { CommandIo } from './command-io.ts';
import { credentialsCommand } from './credentials-command.ts';
import { execCommand } from './exec-command.ts';
import { faultsCommand } from './faults-command.ts';
import { requestsCommand } from './requests-command.ts';
import { startCommand } from './start-command.ts';
import { inFlags } from './start-options.ts';
import { USAGE } from './usage.ts';
import { UsageError } from './usage-error.ts';
import { resetCommand, seedCommand } from './whole-commands.ts';

const COMMANDS = new Map([
  ['start', startCommand],
  ['exec', execCommand],
  ['credentials', credentialsCommand],
  ['clock', clockCommand],
  ['faults', faultsCommand],
  ['requests', requestsCommand],
  ['seed', seedCommand],
  ['reset', resetCommand],
]);

/** Runs a command line and returns its exit status; what goes wrong is one line. */
export async function runCommand(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const message = inFlags(error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
    const isUsage = error instanceof UsageError;
    io.complain(`instellix-emulator: ${message}${isUsage ? '; see instellix-emulator --help' : ''}`);
    return isUsage ? 2 : 1;
  }
}

async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const dashes = args.indexOf('--');
  const own = dashes < 0 ? args : args.slice(0, dashes);
  if (own.includes('--help') || own.includes('-h') || own[0] === 'help') {
    io.print(USAGE);
    return 0;
  }
  if (own.includes('--version')) {
    io.print(readVersion());
    return 0;
  }
  const [name = 'start', ...rest] = args;
  if (name.startsWith('-')) return startCommand(args, io);
  const command = COMMANDS.get(name);
  if (command === undefined)
    throw new UsageError(`there is no command of this name; one of ${[...COMMANDS.keys()].join(', ')}`);
  return command(rest, io);
}

/** Of the package that this file lies in. */
function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
