import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** The flags and the words of a command line. */
export interface Flags {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly words: readonly string[];
}

/**
 * Parses a command line that has exactly these flags.
 *
 * @param words the names of the words that must follow, for the message when they do not.
 * @throws UsageError
 */
export function parseFlags(args: readonly string[], options: ParseArgsOptionsConfig, ...words: string[]): Flags {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(forPeople((error as Error).message));
  }
  if (parsed.positionals.length < words.length) {
    throw new UsageError(`${words[parsed.positionals.length]} is missing`);
  }
  if (parsed.positionals.length > words.length) throw new UsageError('there is one word too many');
  return { values: parsed.values as Flags['values'], words: parsed.positionals };
}

function forPeople(message: string): string {
  const [sentence = 'the command line is wrong'] = message.split(/[.\n]/);
  // Node sees two flags in "--port -1", and says no more than that this is ambiguous.
  const flag = sentence.match(/^Option '(?:-\w, )?(--[\w-]+).*ambiguous/)?.[1];
  return flag === undefined ? sentence : `${flag} needs a value; one that begins with a dash is given as ${flag}=VALUE`;
}

/** The value of a flag that stands there at most once. */
export function textFlag({ values }: Flags, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a flag that may be repeated. */
export function listFlag({ values }: Flags, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The whole number that a flag has. @throws UsageError */
export function numberFlag(flags: Flags, name: string): number | undefined {
  const value = textFlag(flags, name);
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${name} must be a whole number`);
  return Number(value);
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a duration such as `90s`, `5m` or `1500` into milliseconds. @throws UsageError */
export function readDuration(text: string, where: string): number {
  const [, digits, unit = ''] = text.match(/^(\d{1,12})(ms|s|m|h|d)?$/) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined) {
    throw new UsageError(`${where} must be a duration such as 90s, 5m, 1h, or milliseconds`);
  }
  return Number(digits) * factor;
}
