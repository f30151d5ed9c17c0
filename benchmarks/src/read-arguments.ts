import { parseArgs } from 'node:util';

/** The arguments of the command. */
export interface Arguments {
  /** The names of the benchmarks to run; empty: all. */
  readonly only: readonly string[];
  readonly rounds: number | undefined;
  readonly seed: number;
  /** The file for the measurements. */
  readonly json: string | undefined;
  readonly help: boolean;
}

/** An invalid command line. The message is one line that says what to type instead. */
export class UsageError extends Error {}

const maxRounds = 10_000;
const largestSeed = 2 ** 32 - 1;

/** Reads the command line. @throws UsageError */
export function readArguments(argv: readonly string[], benchmarkNames: readonly string[]): Arguments {
  const values = parse(argv);
  const only = values.only ?? [];
  for (const name of only) {
    if (!benchmarkNames.includes(name)) {
      throw new UsageError(`--only takes one of ${benchmarkNames.join(', ')}, not ${JSON.stringify(name)}.`);
    }
  }
  if (values.json === '') throw new UsageError('--json takes the name of a file.');
  return {
    only,
    rounds: values.rounds === undefined ? undefined : readInteger('--rounds', values.rounds, 1, maxRounds),
    seed: values.seed === undefined ? 1 : readInteger('--seed', values.seed, 0, largestSeed),
    json: values.json,
    help: values.help ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${firstSentence}.`);
  }
}

function readInteger(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`);
}
