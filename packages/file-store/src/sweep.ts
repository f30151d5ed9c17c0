import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readGateRecord } from './gate-record.ts';
import { GenerationLog } from './generation-log.ts';
import type { MachineClock } from './machine-clock.ts';

/** How long a gate is remembered after its latest change, milliseconds; no sensible interval is longer. */
export const gateKeptMs = 86_400_000;

/**
 * Empties gates that nobody has used for a day, and deletes what earlier starts of the machine have left.
 *
 * A gate of this start leaves an empty file behind: a file system has no way to delete a directory that nobody has begun
 * to use again.
 */
export async function sweep(directory: string, current: string, clock: MachineClock): Promise<void> {
  for (const name of await readdir(join(directory, current))) {
    const log = new GenerationLog(join(directory, current, name));
    const generation = await log.latest();
    if (generation.content === undefined) continue;
    const now = clock.monotonic();
    const { savedAt, tokens } = readGateRecord(generation.content, now);
    if (savedAt + gateKeptMs < now && tokens.length === 0) await log.retire(generation);
  }
  const prefix = current.slice(0, current.indexOf('-') + 1);
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix) || name === current) continue;
    const path = join(directory, name);
    // Another machine may share the directory over a network and be using it.
    if ((await lastChange(path)) + gateKeptMs < clock.now()) await rm(path, { recursive: true, force: true });
  }
}

async function lastChange(path: string): Promise<number> {
  const paths = [path, ...(await readdir(path)).map((name) => join(path, name))];
  const times = await Promise.all(paths.map(async (each) => (await stat(each)).mtimeMs));
  return Math.max(...times);
}
