import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isFetched, releases } from '../redis-servers/fetched-servers.ts';

/** Something that some tests need and a bare machine has not got. `.ci/run` gets all of it. */
interface Need {
  readonly name: string;
  /** What is left out without it. */
  readonly tests: string;
  readonly isMet: () => boolean;
  /** What gets it. */
  readonly command: string;
}

/** Programs, as Debian calls them and their packages. */
const programs = [
  { name: 'chromium', tests: 'the portal of the emulator and the recipe for Playwright in a real browser' },
  { name: 'redis-server', tests: 'the Redis store on a real server' },
].map(
  (program): Need => ({
    ...program,
    isMet: () => findProgram(program.name) !== undefined,
    command: `apt-get install ${program.name}`,
  }),
);

const servers = releases.map(
  (release): Need => ({
    name: `${release.servers.join(' and ')} of Debian ${release.codename}`,
    tests: 'the Redis store on older and newer servers, and on Valkey',
    isMet: () => isFetched(release),
    command: 'npx --yes pnpm@12.21.0 run redis-servers',
  }),
);

/** Where a program is; `undefined` when this machine has not got it, and its tests are left out. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

const root: Need = {
  name: 'root',
  tests: 'the file store after a run as root with the environment of a user, and a pod whose user is not root',
  isMet: () => process.geteuid?.() === 0,
  command: 'sudo',
};

/** What this machine has not got. */
export function missingNeeds(): readonly Need[] {
  return [...programs, ...servers, root].filter(({ isMet }) => !isMet());
}
