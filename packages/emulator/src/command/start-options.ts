import type { ParseArgsOptionsConfig } from 'node:util';
import type { EmulatorOptions } from '../emulator/emulator-options.ts';
import { readOptions } from '../emulator/read-options.ts';
import { isLoopback } from '../http/is-loopback.ts';
import { randomSecret } from '../state/random-secret.ts';
import { type Flags, listFlag, numberFlag, textFlag } from './parse-flags.ts';
import { UsageError } from './usage-error.ts';

/** The variable with the adminToken: secrets never stand on a command line, where every process can read them. */
export const TOKEN_VARIABLE = 'INSTELLIX_EMULATOR_TOKEN';

/** The flags with which an emulator is started. */
export const START_FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'allow-remote': { type: 'boolean' },
  'allow-host': { type: 'string', multiple: true },
  database: { type: 'string' },
  seed: { type: 'string' },
  clock: { type: 'string' },
  'token-ttl': { type: 'string' },
  'throttle-window': { type: 'string' },
  profile: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** What an option of `startEmulator` is called on the command line. */
const NAMES: readonly (readonly [option: RegExp, name: string])[] = [
  [/^seed(?:\.|(?=:))/, '--seed: '],
  [/^hostNames\[\d+\]/, '--allow-host'],
  [/^tokenTtlSeconds/, '--token-ttl'],
  [/^throttleWindowMs/, '--throttle-window'],
  [/^adminToken/, TOKEN_VARIABLE],
  [/^(?=(?:port|host|database|clock|profile):)/, '--'],
];

/** Says what is wrong with an option in the words of the command line. */
export function inFlags(message: string): string {
  const [option, name] = NAMES.find(([option]) => option.test(message)) ?? [];
  if (option === undefined || name === undefined) return message;
  return message.replace(option, name).replace('--seed: : ', '--seed: ');
}

/** Turns flags into the options of `startEmulator`. @throws UsageError */
export async function readStartOptions(
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<EmulatorOptions> {
  const clock = textFlag(flags, 'clock');
  const adminToken = readToken(flags, env);
  const options: Record<string, unknown> = {
    port: numberFlag(flags, 'port'),
    host: textFlag(flags, 'host') ?? (flags.values['allow-remote'] === true ? '0.0.0.0' : undefined),
    hostNames: listFlag(flags, 'allow-host'),
    database: textFlag(flags, 'database'),
    clock: clock !== undefined && /^\d+$/.test(clock) ? Number(clock) : clock,
    tokenTtlSeconds: numberFlag(flags, 'token-ttl'),
    throttleWindowMs: numberFlag(flags, 'throttle-window'),
    profile: textFlag(flags, 'profile'),
    adminToken,
  };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  try {
    // The seed is left to the start: a file that is broken is no mistake on the command line.
    await readOptions(given);
  } catch (error) {
    throw new UsageError(inFlags((error as Error).message));
  }
  const seed = textFlag(flags, 'seed');
  return { ...given, ...(seed !== undefined && { seed }) };
}

function readToken(flags: Flags, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = env[TOKEN_VARIABLE];
  const host = textFlag(flags, 'host');
  if (flags.values['allow-remote'] === true) return token ?? randomSecret();
  if (host !== undefined && !isLoopback(host)) {
    throw new UsageError('--host can be reached from other machines; give --allow-remote too if that is meant');
  }
  return token;
}
