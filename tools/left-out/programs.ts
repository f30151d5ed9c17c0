import { existsSync } from 'node:fs';

/** A program that some tests need and a bare machine has not got. */
export interface NeededProgram {
  readonly name: string;
  readonly path: string;
  /** What is left out without it. */
  readonly tests: string;
}

/** Every program that tests need beside Node. `.ci/run` installs them. */
export const neededPrograms: readonly NeededProgram[] = [
  { name: 'chromium', path: '/usr/bin/chromium', tests: 'the portal of the emulator in a real browser' },
];

/** Where a program is; `undefined` when this machine has not got it, and its tests are left out. */
export function findProgram(name: string): string | undefined {
  return neededPrograms.find((program) => program.name === name && existsSync(program.path))?.path;
}
