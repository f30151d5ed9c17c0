import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that some tests need and a bare machine has not got. */
interface NeededProgram {
  /** As Debian calls the program and its package. */
  readonly name: string;
  /** What is left out without it. */
  readonly tests: string;
}

/** Every program that tests need beside Node. `.ci/run` installs them. */
const neededPrograms: readonly NeededProgram[] = [
  { name: 'chromium', tests: 'the portal of the emulator in a real browser' },
  { name: 'redis-server', tests: 'the Redis store on a real server' },
];

/** Where a program is; `undefined` when this machine has not got it, and its tests are left out. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** What this machine has not got. */
export function missingPrograms(): readonly NeededProgram[] {
  return neededPrograms.filter(({ name }) => findProgram(name) === undefined);
}
