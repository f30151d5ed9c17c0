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

/** An entry point with its files, relative to the package. */
export interface EntryPoint {
  /** What users import, such as `@instellix/core/adapter`. */
  readonly specifier: string;
  /** The declaration file. */
  readonly types: string;
  /** The source, such as `./src/adapter.ts`. A manifest that is prepared for a release has none. */
  readonly source: string | undefined;
}

/** Lists what users import from a package. */
export function listEntryPoints({ manifest }: PublicPackage): EntryPoint[] {
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const { types, '@instellix/source': source } = target as { types?: string; '@instellix/source'?: string };
    return types === undefined ? [] : [{ specifier: manifest.name + subpath.slice(1), types, source }];
  });
}
