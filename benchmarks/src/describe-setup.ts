import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { arch, availableParallelism, platform } from 'node:os';

/** What the numbers of a run depend on. */
export interface Setup {
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly cpus: number;
  readonly seed: number;
  /** Version by package name. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Describes runtime, machine and the versions of the packages that are measured. */
export function describeSetup(packageNames: readonly string[], seed: number): Setup {
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${platform()} ${arch()}`,
    cpus: availableParallelism(),
    seed,
    packages: Object.fromEntries(packageNames.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(packageName: string): string {
  const manifest = findPackageJSON(packageName, import.meta.url);
  if (manifest === undefined) throw new Error(`${packageName} is not installed. Run \`pnpm install\` at the root.`);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
