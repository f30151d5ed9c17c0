import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { findRelativeLinks } from '../markdown.ts';
import type { PackedPackage } from './pack-packages.ts';
import { type Manifest, readJson } from './public-packages.ts';

/** Where a tarball was unpacked, and the tree from which it was packed. */
export interface UnpackedTarball {
  readonly folder: string;
  readonly root: string;
  readonly repository: string;
}

const required = ['LICENSE', 'README.md', 'package.json'];
const fields = ['description', 'keywords', 'license', 'author', 'homepage', 'bugs', 'repository', 'engines', 'exports'];

/** Finds what is wrong with the tarball of a package. Each problem is one sentence. */
export function findTarballProblems(packed: PackedPackage, unpacked: UnpackedTarball): string[] {
  return [
    ...findWrongFiles(packed),
    ...findStaleModules(packed, unpacked.root),
    ...findManifestProblems(readJson<Manifest>(join(unpacked.folder, 'package.json')), unpacked.repository),
    ...findLinkProblems(readFileSync(join(unpacked.folder, 'README.md'), 'utf8'), unpacked),
    ...findMapProblems(packed.files, unpacked.folder),
  ].map((problem) => `${packed.name}: ${problem}`);
}

/** Only `dist` and what the manifest lists by its full name may be in it. Tests, sources and states of a build may not. */
function findWrongFiles({ files, manifest }: PackedPackage): string[] {
  const listed = (manifest['files'] as string[]).filter((path) => !path.startsWith('!'));
  const allowed = (path: string): boolean =>
    required.includes(path) || listed.some((entry) => path === entry || path.startsWith(`${entry}/`));
  return [
    ...required.filter((path) => !files.includes(path)).map((path) => `${path} is missing.`),
    ...files
      .filter((path) => !allowed(path) || path.endsWith('.tsbuildinfo') || /\.test\.|^src\//.test(path))
      .map((path) => `${path} does not belong into the tarball.`),
  ];
}

/** `tsc --build` keeps what earlier builds have written, although its source has been removed. */
function findStaleModules({ files, directory }: PackedPackage, root: string): string[] {
  const sourceOf = (path: string): string => path.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
  return files
    .filter((path) => /^dist\/.*\.js$/.test(path) && !existsSync(join(root, directory, sourceOf(path))))
    .map((path) => `${path} has no source: remove the folder dist of the package, and build again.`);
}

function findManifestProblems(manifest: Manifest, repository: string): string[] {
  const {
    publishConfig,
    repository: source,
    sideEffects,
  } = manifest as Manifest & {
    publishConfig?: { access?: string; provenance?: boolean };
    repository?: { url?: string };
  };
  const local = JSON.stringify(manifest).match(/"(?:workspace|catalog|link|file):[^"]*"|@instellix\/source/g) ?? [];
  return [
    ...fields.filter((field) => manifest[field] === undefined).map((field) => `package.json has no "${field}".`),
    ...(sideEffects === false ? [] : ['package.json does not say "sideEffects": false.']),
    ...(publishConfig?.access === 'public' && publishConfig.provenance === true
      ? []
      : ['publishConfig needs "access": "public" and "provenance": true.']),
    ...(source?.url === `git+${repository}.git` ? [] : [`"repository" is not ${repository}.`]),
    ...local.map((text) => `package.json contains ${text}, which means nothing outside of the repository.`),
  ];
}

/** Links to the repository must lead to files that exist. */
function findLinkProblems(readme: string, { root, repository }: UnpackedTarball): string[] {
  const targets = findRelativeLinks(readme).filter((target) => !target.startsWith('#'));
  const relative = targets.map((target) => `README.md links to ${target}, which users do not have.`);
  const dead = [...readme.matchAll(/\]\(([^)#\s]+)/g)].flatMap(([, url = '']) => {
    const [, path] = url.split(/\/(?:blob|raw)\/HEAD\//);
    if (!url.startsWith(`${repository}/`) || path === undefined || existsSync(join(root, path))) return [];
    return [`README.md links to ${path}, which does not exist.`];
  });
  return [...relative, ...dead];
}

/** A map is found by its file, and it contains or finds its sources. */
function findMapProblems(files: readonly string[], folder: string): string[] {
  const code = files.filter((path) => /\.(?:[cm]?js|d\.[cm]?ts)$/.test(path));
  return code.flatMap((path) => {
    const [, name] = readFileSync(join(folder, path), 'utf8').match(/^\/\/# sourceMappingURL=(.+)$/m) ?? [];
    if (name === undefined) return [];
    const map = normalize(join(dirname(path), name));
    if (!files.includes(map)) return [`${path} refers to ${map}, which is missing.`];
    const { sources, sourcesContent } = readJson<{ sources: string[]; sourcesContent?: string[] }>(join(folder, map));
    return sources
      .filter((source, index) => !sourcesContent?.[index] && !files.includes(normalize(join(dirname(map), source))))
      .map((source) => `${map} refers to ${source}, which is missing.`);
  });
}
