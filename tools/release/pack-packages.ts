import { join } from 'node:path';
import { run } from '../packages/run.ts';
import { findPublicPackages, listEntryPoints, type PublicPackage } from './public-packages.ts';

/** A package as users get it. */
export interface PackedPackage extends PublicPackage {
  readonly name: string;
  readonly tarball: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];
  /** What users import, such as `@instellix/core/adapter`. */
  readonly entryPoints: readonly string[];
}

/** Packs every public package below `root` into `destination`. */
export async function packPackages(root: string, destination: string): Promise<PackedPackage[]> {
  const packing = findPublicPackages(root).map(async (each): Promise<PackedPackage> => {
    const args = ['pack', '--json', '--pack-destination', destination];
    const output = await run('pnpm', args, join(root, each.directory));
    const { filename, files } = JSON.parse(output) as { filename: string; files: { path: string }[] };
    return {
      ...each,
      name: each.manifest.name,
      tarball: filename,
      files: files.map(({ path }) => path),
      entryPoints: listEntryPoints(each).map(({ specifier }) => specifier),
    };
  });
  return Promise.all(packing);
}
