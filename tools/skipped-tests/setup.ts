import { findMissingRequirements } from './requirements.ts';

/** Runs once around all tests. Prints before and after them which tests this machine skips, so that none is skipped silently. */
export function setup(): (() => void) | undefined {
  const missing = findMissingRequirements();
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name }) => name).join(', ');
  if (process.env['SKIP_NO_TESTS']) throw new Error(`SKIP_NO_TESTS is set, but this machine lacks ${names}.`);
  const commands = new Set(missing.map(({ command }) => command));
  const print = (): void => {
    for (const { name, tests } of missing) console.warn(`\nSKIPPED: ${tests}. Requires ${name}.`);
    console.warn(`To run all tests: ${[...commands].join(' && ')}\n`);
  };
  print();
  return print;
}
