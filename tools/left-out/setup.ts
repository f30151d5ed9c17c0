import { missingNeeds } from './needs.ts';

/** Runs once around all tests and says before and after them what this machine leaves out: nothing is skipped silently. */
export function setup(): (() => void) | undefined {
  const missing = missingNeeds();
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(', ');
  if (process.env['LEAVE_NOTHING_OUT']) throw new Error(`Nothing is to be left out, but there is no ${names}.`);
  const commands = new Set(missing.map(({ command }) => command));
  const say = (): void => {
    for (const { name, tests } of missing) console.warn(`\nLEFT OUT: ${tests}. It needs ${name}.`);
    console.warn(`To run everything: ${[...commands].join(' && ')}\n`);
  };
  say();
  return say;
}
