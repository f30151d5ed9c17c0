/** Says before and after a run which tests this machine leaves out: nothing is skipped silently. */
import { findProgram, neededPrograms } from './programs.ts';

export function setup(): (() => void) | undefined {
  const missing = neededPrograms.filter(({ name }) => findProgram(name) === undefined);
  if (missing.length === 0) return undefined;
  if (process.env['CI']) {
    throw new Error(`CI leaves nothing out, but ${missing.map(({ path }) => path).join(', ')} is missing; see .ci/run`);
  }
  const say = (): void => {
    for (const { name, path, tests } of missing) {
      console.log(`\n!!! LEFT OUT: ${tests}. It needs ${name} (${path}), which this machine has not got.\n`);
    }
  };
  say();
  return say;
}
