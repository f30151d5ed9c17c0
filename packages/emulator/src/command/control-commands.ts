import { Command } from 'commander';
import type { GenericSchema } from 'valibot';
import { AdministrationClient, readEmulatorUrl } from '../connect/administration-client.ts';
import type { FollowedRequests, FollowOptions } from '../controls/controls.ts';
import type { Operation } from '../controls/operation.ts';
import { operations } from '../controls/operations.ts';
import { entriesOf } from '../state/schemas.ts';
import { InvalidInput, shown } from '../state/validate.ts';
import type { CommandIo } from './command-io.ts';
import { readFlags, readWord, TOKEN_VARIABLE, toFlagMessage, toFlags, toKebab, UsageError, unwrap } from './flags.ts';
import { requestLine, resultLines } from './print.ts';
import { followRequests } from './start-command.ts';

interface ControlFlags {
  readonly url?: string;
  readonly json?: boolean;
  readonly [flag: string]: unknown;
}

/** Creates a command for each operation, such as `credentials rotate`. It controls an emulator in another process. */
export function createControlCommands(io: CommandIo): Command[] {
  const groups = new Map<string, Command[]>();
  for (const operation of operations) {
    const [group = ''] = describeCommand(operation).words;
    const command = operation.repeatedAs === undefined ? toCommand(operation, io) : toTail(operation, io);
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  return Array.from(groups, ([name, commands]) => {
    const [only] = commands;
    return only?.name() === name ? only : toGroup(name, commands);
  });
}

/** Returns the words of the command of an operation, such as `credentials rotate`, and its sentence. */
export function describeCommand({ name, summary, repeatedAs }: Operation): { words: string[]; summary: string } {
  const [group = '', ...verb] = name.split('.');
  if (repeatedAs !== undefined) return { words: [group, repeatedAs.verb], summary: repeatedAs.summary };
  return { words: [group, ...verb.map(toKebab)], summary };
}

function toGroup(name: string, commands: readonly Command[]): Command {
  const verbs = commands.map((command) => command.name()).join(', ');
  const group = new Command(name).description(`${verbs}`).argument('[verb]').usage('[command]');
  for (const command of commands) group.addCommand(command);
  return group.action((verb?: string) => {
    if (verb === undefined) throw new UsageError(`${name} needs a subcommand: one of ${verbs}`);
    throw new UsageError(`unknown command ${shown(`${name} ${verb}`)}; ${name} has the subcommands ${verbs}`);
  });
}

function toCommand(operation: Operation, io: CommandIo): Command {
  const { name, positional = [] } = operation;
  const command = toControlCommand(operation);
  const entries = entriesOf(operation.arguments);
  const typeOf = (argument: string): string => unwrap(entries[argument] as GenericSchema).type;
  // Lists and objects have flags instead of a position.
  const words = positional.filter((argument) => !['array', 'object'].includes(typeOf(argument)));
  const objects = positional.filter((argument) => typeOf(argument) === 'object');
  const flags = toFlags(operation.arguments, words);
  for (const word of words) {
    command.argument(`<${toKebab(word)}>`, '', (given) => readWord(word, entries[word] as GenericSchema, given));
  }
  for (const { option } of flags) command.addOption(option);
  return command.action(async (...parameters: unknown[]) => {
    const values = parameters.at(-2) as ControlFlags;
    const given = readFlags(flags, values);
    for (const [index, word] of words.entries()) given[word] = parameters[index];
    for (const argument of objects) given[argument] ??= {};
    const names = [...flags, ...words.map((word) => ({ name: toKebab(word), path: [word] }))];
    const client = createClient(values, io);
    const result = await client.run(operation, given).catch((error: unknown) => {
      const message = toFlagMessage(error, names, name);
      throw error instanceof InvalidInput ? new UsageError(message) : new Error(message);
    });
    const { returns } = operation;
    const shownResult = returns ? (result as Record<string, object>)[returns] : result;
    for (const line of values.json === true ? [JSON.stringify(shownResult)] : resultLines(operation, result))
      io.print(line);
  });
}

function toTail(operation: Operation, io: CommandIo): Command {
  const command = toControlCommand(operation).option('--all', 'Print the earlier requests first');
  return command.action(async (values: ControlFlags) => {
    const client = createClient(values, io);
    const follow = (options: FollowOptions = {}) => client.run(operation, options) as Promise<FollowedRequests>;
    const show = values.json === true ? JSON.stringify : requestLine;
    const after = values['all'] === true ? 0 : undefined;
    await followRequests({ follow }, after, io.stopping, (entry) => io.print(show(entry)));
    client.close();
  });
}

function toControlCommand(operation: Operation): Command {
  const { words, summary } = describeCommand(operation);
  const url = 'The URL of the emulator (default: INSTELLIX_EMULATOR_URL, or INSTELLIX_API_URL if it is an http URL)';
  const command = new Command(words.at(-1)).description(summary).option('--url <url>', url);
  return command.option('--json', 'Print JSON');
}

function createClient({ url }: ControlFlags, { env }: CommandIo): AdministrationClient {
  const apiUrl = env['INSTELLIX_API_URL'];
  // An https URL belongs to the vendor: commands for an emulator must not be sent there.
  const found = url ?? env['INSTELLIX_EMULATOR_URL'] ?? (apiUrl?.startsWith('http:') ? apiUrl : undefined);
  if (found === undefined)
    throw new UsageError('the URL of the emulator is missing; give --url or set INSTELLIX_EMULATOR_URL');
  return new AdministrationClient(readEmulatorUrl(found, '--url'), env[TOKEN_VARIABLE]);
}
