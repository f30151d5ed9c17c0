import { parseArgs } from 'node:util';

/** The arguments of the command. */
export interface Arguments {
  readonly workers: number;
  /** How long each of the two fleets runs. */
  readonly seconds: number;
  readonly redis: string | undefined;
  readonly help: boolean;
}

/** An invalid command line. */
export class UsageError extends Error {}

export const usage = `Usage: node src/main.ts [--workers N] [--seconds N] [--redis URL]

Starts N workers against a local instellix, first with a shared token, then without, and prints the cost of both.

  --workers N   number of processes (default: 8)
  --seconds N   how long each of the two fleets runs (default: 12)
  --redis URL   share the token through this Redis instead of a directory`;

/** @throws UsageError with one line about the problem */
export function readArguments(args: readonly string[]): Arguments {
  const options = {
    workers: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '12' },
    redis: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { workers, seconds, redis, help } = parse(() => parseArgs({ args: [...args], options }).values);
  if (redis !== undefined && !/^rediss?:\/\//.test(redis)) throw new UsageError('--redis must be a redis:// URL.');
  return { workers: read('--workers', workers, 200), seconds: read('--seconds', seconds, 3_600), redis, help };
}

function parse<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new UsageError((error as Error).message.split('\n')[0]);
  }
}

function read(name: string, given: string, max: number): number {
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < 1 || value > max) {
    throw new UsageError(`${name} must be a whole number from 1 to ${max}.`);
  }
  return value;
}
