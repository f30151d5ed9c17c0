import { lstat, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnused, parseClaimRecord, readTimestamp } from '@instellix/core/store';
import type { MachineClock } from './machine-clock.ts';
import { isOurs } from './private-directory.ts';
import { VersionedRecord } from './versioned-record.ts';

const dayMs = 86_400_000;
const recordName = /^[\da-f]{64}$/;

/**
 * Empties the records of gates that were unused for a day, and deletes what earlier starts of the machine have left.
 *
 * An empty file remains of each gate of this start: a process may be about to use its directory.
 */
export async function removeExpired(root: string, current: string, clock: MachineClock): Promise<void> {
  for (const name of await readdir(join(root, current))) {
    if (!recordName.test(name)) continue;
    const record = new VersionedRecord(join(root, current, name));
    const version = await record.latest();
    if (version.content === undefined) continue;
    const now = readTimestamp(clock);
    if (isUnused(parseClaimRecord(version.content, now), now)) await record.retire(version);
  }
  const prefix = current.slice(0, current.indexOf('-') + 1);
  for (const name of await readdir(root)) {
    const isOfEarlierStart =
      name.startsWith(prefix) && /^[\da-f]{16}$/.test(name.slice(prefix.length)) && name !== current;
    if (isOfEarlierStart) await removeOld(join(root, name), clock);
  }
}

async function removeOld(path: string, clock: MachineClock): Promise<void> {
  const stats = await lstat(path);
  if (!stats.isDirectory() || !isOurs(stats)) return;
  const names = await readdir(path);
  if (!names.every((name) => recordName.test(name))) return;
  const times = await Promise.all(
    [path, ...names.map((name) => join(path, name))].map(async (each) => (await stat(each)).mtimeMs),
  );
  // Another machine may use it through a network directory.
  if (Math.max(...times) + dayMs < clock.now()) await rm(path, { recursive: true, force: true });
}
