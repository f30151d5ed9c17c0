/** Writes one software bill of materials (CycloneDX) for each public package: `node write-bills-of-materials.ts <folder>`. */
import { mkdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../packages/run.ts';
import { findPublicPackages, readJson } from './public-packages.ts';

interface BillOfMaterials {
  readonly bomFormat: string;
  readonly components?: readonly unknown[];
}

/**
 * Writes the bills of materials into `folder`, from the manifests and the lock file. They list what a package brings along, not
 * its peers. The manifests must not be prepared yet: without development dependencies, pnpm takes peers for dependencies.
 *
 * @returns where each is, and what it lists
 */
export async function writeBillsOfMaterials(
  root: string,
  folder: string,
): Promise<{ path: string; summary: string }[]> {
  mkdirSync(folder, { recursive: true });
  const written: { path: string; summary: string }[] = [];
  for (const { directory, manifest } of findPublicPackages(root)) {
    const path = join(folder, `${basename(directory)}.cdx.json`);
    const filter = ['--filter', manifest.name];
    await run(
      'pnpm',
      [...filter, 'sbom', '--sbom-format', 'cyclonedx', '--prod', '--lockfile-only', '--out', path],
      root,
    );
    const { bomFormat, components = [] } = readJson<BillOfMaterials>(path);
    if (bomFormat !== 'CycloneDX') throw new Error(`${path} is no bill of materials in the format CycloneDX.`);
    written.push({ path, summary: `${basename(path)}: ${components.length} components besides ${manifest.name}` });
  }
  return written;
}

if (import.meta.main) {
  const [folder = 'release'] = process.argv.slice(2);
  const written = await writeBillsOfMaterials(fileURLToPath(new URL('../../', import.meta.url)), resolve(folder));
  for (const { summary } of written) console.log(summary);
}
