import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { arch, availableParallelism, platform } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The conditions of a run. */
export interface Setup {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpus: number;
  readonly seed: number;
  /** The versions of all measured and measuring packages, by name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Describes runtime, machine and the versions of the packages that this one depends on. */
export function describeSetup(seed: number): Setup {
  const { dependencies } = readManifest(fileURLToPath(new URL('../package.json', import.meta.url)));
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${platform()} ${arch()}`,
    cpus: availableParallelism(),
    seed,
    packages: Object.fromEntries(Object.keys(dependencies ?? {}).map((name) => [name, versionOf(name)])),
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function versionOf(packageName: string): string {
  const file = findPackageJSON(packageName, import.meta.url);
  if (file === undefined) throw new Error(`${packageName} is not installed. Run \`pnpm install\` at the root.`);
  return readManifest(file).version;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}
