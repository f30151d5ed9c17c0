import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Something that some tests require and that a bare machine may lack. `.ci/run` installs all of it. */
interface Requirement {
  readonly name: string;
  /** The tests that are skipped without it. */
  readonly tests: string;
  readonly isMet: () => boolean;
  /** The command that provides it. */
  readonly command: string;
}

/** Programs, by the names of the programs and of their Debian packages. */
const programs = [
  {
    name: 'chromium',
    tests: 'the portal of the emulator, the recipe for Playwright and the site of the documentation in a real browser',
  },
  { name: 'prometheus', tests: 'the alert rules and the dashboard in a real Prometheus' },
  { name: 'redis-server', tests: 'the Redis store on a real server' },
  { name: 'zsh', tests: 'the completion of the instellix command in zsh' },
].map(
  (program): Requirement => ({
    ...program,
    isMet: () => findProgram(program.name) !== undefined,
    command: `apt-get install ${program.name}`,
  }),
);

const root: Requirement = {
  name: 'root',
  tests: 'the file store after a run as root with the environment of a user, and a pod whose user is not root',
  isMet: () => process.geteuid?.() === 0,
  command: 'sudo',
};

/** Returns the path of a program, or `undefined` when this machine lacks it and its tests are skipped. */
export function findProgram(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

/** Returns what this machine lacks. */
export function findMissingRequirements(): readonly Requirement[] {
  return [...programs, root].filter(({ isMet }) => !isMet());
}
