import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What to start, and what comes before the settings. */
export interface ServerProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** A release of Debian, and the servers that are taken from it. */
export interface DebianRelease {
  readonly codename: string;
  /** As Debian calls the programs and their packages. */
  readonly servers: readonly string[];
}

/** The first has a Redis below the oldest that the store promises to work on, the last has the newest of each kind. */
export const releases: readonly DebianRelease[] = [
  { codename: 'bullseye', servers: ['redis-server'] },
  { codename: 'trixie', servers: ['redis-server', 'valkey-server'] },
];

const cache = fileURLToPath(new URL('../../node_modules/.cache/redis-servers/', import.meta.url));

/** Where the servers of a release are, once they are fetched, beside the `lib` and the `loader` that they need. */
export function folderOf({ codename }: DebianRelease): string {
  return join(cache, codename);
}

/** Starts with the loader and libraries of its own release, since those of the machine are of another age. */
export function programIn(folder: string, server: string): ServerProgram {
  return { command: join(folder, 'loader'), args: ['--library-path', join(folder, 'lib'), join(folder, server)] };
}

/** Whether all servers of a release are here. */
export function isFetched(release: DebianRelease): boolean {
  return release.servers.every((server) => existsSync(join(folderOf(release), server)));
}

/** The servers that are here. */
export function fetchedServers(): ServerProgram[] {
  const here = releases.filter(isFetched);
  return here.flatMap((release) => release.servers.map((server) => programIn(folderOf(release), server)));
}
