import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The built packages are missing or outdated. The message is one line that says what to run. */
export class StaleBuildError extends Error {}

const run = promisify(execFile);
const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
const remedy = 'Run `pnpm run build` at the root first; `pnpm run bench` there does both.';

/** Makes sure that a package's `dist` exists and was built from its present sources. @throws StaleBuildError */
export async function requireFreshBuild(packageFolder: string): Promise<void> {
  const shownFolder = relative(process.cwd(), packageFolder);
  if (!existsSync(join(packageFolder, 'dist/index.js'))) {
    throw new StaleBuildError(`${shownFolder} has not been built: dist/index.js is missing. ${remedy}`);
  }
  // The compiler compares contents. By modification times, every fresh clone or restored cache would be stale.
  const { stdout } = await run(tsc, ['--build', '--dry', packageFolder]);
  if (stdout.includes('would build')) {
    throw new StaleBuildError(`${shownFolder}/dist was built from other sources than those in src. ${remedy}`);
  }
}

/** Makes sure that an import of the package leads to its `dist`. @throws StaleBuildError */
export function requireBuiltEntry(packageName: string): void {
  const entry = import.meta.resolve(packageName);
  if (entry.endsWith('/dist/index.js')) return;
  throw new StaleBuildError(
    `${packageName} resolves to its sources. Run the benchmarks without the condition @instellix/source.`,
  );
}
