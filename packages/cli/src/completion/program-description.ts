import type { Command } from 'commander';

/** What completes the value of an option. */
export type OptionValue = 'none' | 'any' | 'file' | 'directory' | readonly string[];

/** The part of a program that completion scripts are made of. */
export interface ProgramDescription {
  readonly name: string;
  readonly commands: readonly CommandDescription[];
}

/** A command with its options. */
export interface CommandDescription {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly { readonly flag: string; readonly summary: string; readonly value: OptionValue }[];
  /** The choices of each argument; empty for one that only the user knows. */
  readonly arguments: readonly (readonly string[])[];
}

/** Describes a program. */
export function describeProgram(program: Command): ProgramDescription {
  return { name: program.name(), commands: program.commands.map(describeCommand) };
}

function describeCommand(command: Command): CommandDescription {
  return {
    name: command.name(),
    summary: command.description(),
    arguments: command.registeredArguments.map(({ argChoices }) => argChoices ?? []),
    options: command.options.map(({ long, description, flags, argChoices }) => ({
      flag: long ?? '',
      summary: description,
      value: argChoices ?? readValue(flags),
    })),
  };
}

/** The kind of a value, from its name in the flags, such as `--env-file <file>`. */
function readValue(flags: string): OptionValue {
  const [, name] = /<(.*)>/.exec(flags) ?? [];
  if (name === undefined) return 'none';
  return name === 'file' || name === 'directory' ? name : 'any';
}
