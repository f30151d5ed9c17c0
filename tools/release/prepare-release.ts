/**
 * Writes into each public package what only its tarball has: the links to the repository, in the manifest and in the
 * README. It changes the working tree; releases are made from a clone that is thrown away afterwards.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toAbsoluteLinks } from './absolute-links.ts';
import { findPublicPackages, type Manifest } from './public-packages.ts';
import { readRepository } from './repository.ts';

/** Prepares all public packages below `root` for packing. */
export function prepareRelease(root: string, repository: string): void {
  for (const { directory, manifest } of findPublicPackages(root)) {
    const prepared = prepareManifest(manifest, directory, repository);
    writeFileSync(join(root, directory, 'package.json'), `${JSON.stringify(prepared, null, 2)}\n`);
    const readme = join(root, directory, 'README.md');
    writeFileSync(readme, toAbsoluteLinks(readFileSync(readme, 'utf8'), directory, repository));
  }
}

/** Adds the links to the repository, and removes what means nothing outside of it. */
function prepareManifest(manifest: Manifest, directory: string, repository: string): Manifest {
  const { scripts: _scripts, devDependencies: _devDependencies, ...published } = manifest;
  return {
    ...published,
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([path, target]) => [path, withoutSource(target)]),
    ),
    homepage: `${repository}/tree/HEAD/${directory}#readme`,
    bugs: `${repository}/issues`,
    repository: { type: 'git', url: `git+${repository}.git`, directory },
  };
}

/** The condition by which tests and editors read the sources, which a tarball does not contain. */
function withoutSource(target: unknown): unknown {
  if (typeof target !== 'object' || target === null) return target;
  return Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== '@instellix/source'));
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  try {
    prepareRelease(root, readRepository(root));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
