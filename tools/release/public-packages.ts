import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The part of a `package.json` that packing and its checks read. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A package that users install. */
export interface PublicPackage {
  /** Relative to the root, such as `packages/core`. */
  readonly directory: string;
  readonly manifest: Manifest;
}

/** Reads a JSON file. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** Finds the packages that a release publishes: all below `packages/` that are not private. */
export function findPublicPackages(root: string): PublicPackage[] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .map((path) => ({ directory: dirname(path), manifest: readJson<Manifest>(join(root, path)) }))
    .filter(({ manifest }) => manifest.private !== true);
}

/** What users import, such as `@instellix/core/adapter`, with its declaration file relative to the package. */
export function listEntryPoints({ manifest }: PublicPackage): { specifier: string; types: string }[] {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const types = (target as { types?: string }).types;
    return types === undefined ? [] : [{ specifier: manifest.name + subpath.slice(1), types }];
  });
}
