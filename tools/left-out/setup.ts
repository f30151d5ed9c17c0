import { missingPrograms } from './programs.ts';

/** Runs once around all tests and says before and after them what this machine leaves out: nothing is skipped silently. */
export function setup(): (() => void) | undefined {
  const missing = missingPrograms();
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(' ');
  if (process.env['LEAVE_NOTHING_OUT']) throw new Error(`Nothing is to be left out, but there is no ${names}.`);
  const say = (): void => {
    for (const { name, tests } of missing) console.warn(`\nLEFT OUT: ${tests}. It needs ${name}.`);
    console.warn(`To run everything: apt-get install ${names}\n`);
  };
  say();
  return say;
}
