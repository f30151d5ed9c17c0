import type { ParseArgsOptionsConfig } from 'node:util';
import { AdministrationClient, readEmulatorUrl } from '../connect/administration-client.ts';
import type { CommandIo } from './command-io.ts';
import { type Flags, parseFlags, textFlag } from './parse-flags.ts';
import { TOKEN_VARIABLE } from './start-options.ts';
import { UsageError } from './usage-error.ts';

/** A command that steers an emulator which runs elsewhere. */
export interface Steering {
  readonly flags: Flags;
  readonly client: AdministrationClient;
  /** Prints the answer: as JSON when that was asked for, else these lines. */
  tell(json: object, lines: readonly string[]): void;
}

/** Reads the command line of a command that steers, and reaches the emulator. @throws UsageError */
export function steer(
  args: readonly string[],
  io: CommandIo,
  options: ParseArgsOptionsConfig = {},
  ...words: string[]
): Steering {
  const flags = parseFlags(args, { ...options, url: { type: 'string' }, json: { type: 'boolean' } }, ...words);
  return {
    flags,
    client: new AdministrationClient(findUrl(flags, io.env), io.env[TOKEN_VARIABLE]),
    tell(json, lines) {
      for (const line of flags.values['json'] === true ? [JSON.stringify(json)] : lines) io.print(line);
    },
  };
}

function findUrl(flags: Flags, env: CommandIo['env']): string {
  const apiUrl = env['INSTELLIX_API_URL'];
  // An https URL is the vendor's: it has no administration, and commands meant for an emulator must not go there.
  const url =
    textFlag(flags, 'url') ?? env['INSTELLIX_EMULATOR_URL'] ?? (apiUrl?.startsWith('http:') ? apiUrl : undefined);
  if (url === undefined) throw new UsageError('--url is missing, and INSTELLIX_EMULATOR_URL is not set');
  try {
    return readEmulatorUrl(url, '--url');
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
