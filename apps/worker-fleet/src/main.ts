/** Starts workers that share one token, then as many that do not, and prints the cost of each fleet. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FleetMoment, type FleetResult, runFleet } from './fleet.ts';
import { readArguments, UsageError, usage } from './read-arguments.ts';
import type { Sharing } from './worker.ts';

const count = (value: number) => value.toLocaleString('en');

function show({ second, tokenRequests, throttled, callsPerSecond, failed }: FleetMoment): void {
  const cells = [
    `${second} s`.padStart(6),
    `${tokenRequests} token requests`.padStart(18),
    `${throttled} throttled`.padStart(13),
    `${count(callsPerSecond)} calls/s`.padStart(13),
    `${count(failed)} failed`.padStart(12),
  ];
  console.log(cells.join('  '));
}

async function play(title: string, workers: number, seconds: number, sharing: Sharing): Promise<FleetResult> {
  console.log(`\n${title}`);
  return runFleet({ workers, seconds, sharing, onSecond: show });
}

function sumUp(who: string, { tokenRequests, throttled, calls, failed }: FleetResult): void {
  const parts = `${count(calls)} calls, ${count(failed)} failed, ${tokenRequests} token requests, ${throttled} throttled`;
  console.log(`${who}: ${parts}`);
}

async function main(): Promise<void> {
  const { workers, seconds, redis, help } = readArguments(process.argv.slice(2));
  if (help) return console.log(usage);
  const folder = await mkdtemp(join(tmpdir(), 'worker-fleet-'));
  try {
    const sharing: Sharing = redis
      ? { by: 'redis', url: redis }
      : { by: 'directory', directory: join(folder, 'store') };
    const through = redis ? 'Redis' : 'a directory';
    const together = await play(`${workers} workers that share a token through ${through}`, workers, seconds, sharing);
    const alone = await play(`${workers} workers on their own`, workers, seconds, { by: 'nothing' });
    console.log();
    sumUp('shared', together);
    sumUp('alone', alone);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) console.error('Run it with --help for its usage.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
