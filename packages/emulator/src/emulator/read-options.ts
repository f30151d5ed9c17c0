import { readClockOption } from '../clock/read-clock-option.ts';
import { invalid } from '../input/invalid.ts';
import { readInteger } from '../input/read-integer.ts';
import { readObject } from '../input/read-object.ts';
import { readText } from '../input/read-text.ts';
import { type CheckedSeed, readSeed } from '../seed/read-seed.ts';
import type { EmulatorRules } from '../state/emulator-state.ts';

const YEAR_SECONDS = 31_536_000;
const DAY_MS = 86_400_000;

/** Options that are known to make sense, with their defaults filled in. */
export interface CheckedOptions {
  readonly port: number;
  readonly frozenAt: number | undefined;
  readonly rules: EmulatorRules;
  readonly database: string;
  readonly seed: CheckedSeed | undefined;
}

/**
 * Reads the options of `startEmulator`.
 *
 * @throws Error that names the option and the fix.
 */
export async function readOptions(options: unknown = {}): Promise<CheckedOptions> {
  const given = readObject(options, 'options', [
    'port',
    'clock',
    'tokenTtlSeconds',
    'throttleWindowMs',
    'database',
    'seed',
  ]);
  const { port = 0, clock, tokenTtlSeconds = 300, throttleWindowMs = 5_000, database = ':memory:', seed } = given;
  return {
    port: readInteger(port, 'port', 0, 65_535),
    frozenAt: readClockOption(clock, 'clock'),
    rules: {
      tokenTtlSeconds: readInteger(tokenTtlSeconds, 'tokenTtlSeconds', 1, YEAR_SECONDS),
      throttleWindowMs: readInteger(throttleWindowMs, 'throttleWindowMs', 0, DAY_MS),
    },
    database: readDatabase(database),
    seed: seed === undefined ? undefined : await readSeed(seed, 'seed'),
  };
}

function readDatabase(value: unknown): string {
  const path = readText(value, 'database', 4_096);
  if (/^file:/i.test(path)) throw invalid('database', 'must be the path of a file or ":memory:", not a URI');
  return path;
}
