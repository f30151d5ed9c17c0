/**
 * Shows what a release would contain, without changing the working tree: versions and changelogs, then the tarballs and
 * what is wrong with them.
 *
 *     pnpm release:check [--repository <address, for a trial before it is set>]
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from '../packages/run.ts';
import { findTarballProblems } from './check-tarball.ts';
import { copyWorkingTree } from './copy-working-tree.ts';
import { type PackedPackage, packPackages } from './pack-packages.ts';
import { prepareRelease } from './prepare-release.ts';
import { findPublicPackages } from './public-packages.ts';
import { checkRepository, readRepository } from './repository.ts';
import { writeBillsOfMaterials } from './write-bills-of-materials.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Prints each package's new version and the part of its changelog that belongs to it. */
function printVersions(copy: string): void {
  const before = new Map(findPublicPackages(root).map(({ manifest: { name, version } }) => [name, version]));
  for (const { directory, manifest } of findPublicPackages(copy)) {
    const old = before.get(manifest.name);
    console.log(
      `\n== ${manifest.name} ${old === manifest.version ? `${old} (no release)` : `${old} → ${manifest.version}`}`,
    );
    const changelog = join(copy, directory, 'CHANGELOG.md');
    if (old === manifest.version || !existsSync(changelog)) continue;
    const [, notes = ''] = readFileSync(changelog, 'utf8').split(/^## .*$/m);
    console.log(notes.trim());
  }
}

async function findProblems(packed: PackedPackage, copy: string, repository: string): Promise<string[]> {
  const folder = join(copy, '.release', packed.directory);
  mkdirSync(folder, { recursive: true });
  await run('tar', ['-xzf', packed.tarball, '-C', folder, '--strip-components=1'], copy);
  const problems = findTarballProblems(packed, { folder, root: copy, repository });
  console.log(
    `${problems.length === 0 ? '✓' : '✗'} ${packed.name}@${packed.manifest.version}: ${packed.files.length} files`,
  );
  return problems;
}

async function checkRelease(repository: string): Promise<readonly string[]> {
  const copy = await copyWorkingTree(root);
  try {
    await run(join(root, 'node_modules/.bin/changeset'), ['version'], copy);
    printVersions(copy);
    console.log('\n== Software bills of materials');
    console.log((await writeBillsOfMaterials(copy, join(copy, '.release'))).map(({ summary }) => summary).join('\n'));
    prepareRelease(copy, repository);
    console.log('\n== Tarballs');
    const packed = await packPackages(copy, copy);
    const problems: string[] = [];
    for (const each of packed) problems.push(...(await findProblems(each, copy, repository)));
    return problems;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const { values } = parseArgs({ options: { repository: { type: 'string' } } });
try {
  // Without an address nothing can be released, so this fails before anything else is done.
  const problems = await checkRelease(values.repository ? checkRepository(values.repository) : readRepository(root));
  for (const problem of problems) console.error(problem);
  console.log(problems.length === 0 ? '\nThe release can be made.' : `\n${problems.length} problems stop the release.`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
