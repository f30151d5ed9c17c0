import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The options that every command has. */
export interface ClientFlags {
  readonly envFile?: string;
  readonly storeDirectory?: string;
  readonly bodyFormat?: 'multipart' | 'urlencoded';
  readonly basicEncoding?: 'raw' | 'form';
}

/** Adds the options of {@link ClientFlags} to a command. */
export function addClientFlags(command: Command): Command {
  return command
    .addOption(new Option('--env-file <file>', 'Read variables from this file; left out: .env, if there is one'))
    .addOption(
      new Option(
        '--store-directory <directory>',
        'Share tokens through this directory; left out: one of the user',
      ).argParser(readDirectory),
    )
    .addOption(
      new Option('--body-format <format>', 'Of the token request; left out: multipart').choices([
        'multipart',
        'urlencoded',
      ]),
    )
    .addOption(
      new Option('--basic-encoding <encoding>', 'Of client id and secret; left out: raw').choices(['raw', 'form']),
    );
}

function readDirectory(path: string): string {
  // It would stand for the current directory.
  if (path === '') throw new InvalidArgumentError('It must not be empty.');
  return resolve(path);
}
