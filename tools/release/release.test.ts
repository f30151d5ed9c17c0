import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { toAbsoluteLinks } from './absolute-links.ts';
import { findTarballProblems } from './check-tarball.ts';
import type { PackedPackage } from './pack-packages.ts';
import { prepareRelease } from './prepare-release.ts';
import { findPublicPackages, type Manifest, type PublicPackage, readJson } from './public-packages.ts';
import { checkRepository } from './repository.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const repository = 'https://github.com/example/instellix';
const folders: string[] = [];

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'instellix-release-test-'));
  folders.push(folder);
  return folder;
}

function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** One package as {@link prepareRelease} leaves it. */
function prepare(directory: string): PublicPackage {
  const copy = createFolder();
  mkdirSync(join(copy, directory), { recursive: true });
  for (const file of ['package.json', 'README.md']) cpSync(join(root, directory, file), join(copy, directory, file));
  prepareRelease(copy, repository);
  return findPublicPackages(copy)[0] as PublicPackage;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the address of the repository', () => {
  test('is accepted with and without .git', () => {
    expect(checkRepository(`${repository}.git`)).toBe(repository);
    expect(checkRepository(repository)).toBe(repository);
  });

  test.each([undefined, '', 'git@github.com:a/b', 'https://github.com', 'https://github.com/<owner>/<name>'])(
    'stops a release when it is %j, and says where to set it',
    (address) => {
      expect(() => checkRepository(address)).toThrow(/"repository" in the root package\.json .* Set it to the address/);
    },
  );
});

describe('links of a README', () => {
  test('become links to the repository, except in code, to headings and to other sites', () => {
    const markdown = [
      '[a](../../docs/a.md#b) [core](../core/README.md) ![chart](./chart.svg)',
      '[heading](#use) [site](https://example.com/a.md) [mail](mailto:a@example.com)',
      '```md',
      '[code](../b.md)',
      '```',
      '[last](c.md)',
    ].join('\n');
    expect(toAbsoluteLinks(markdown, 'packages/file-store', repository)).toBe(
      [
        `[a](${repository}/blob/HEAD/docs/a.md#b) [core](${repository}/blob/HEAD/packages/core/README.md) ![chart](${repository}/raw/HEAD/packages/file-store/chart.svg)`,
        '[heading](#use) [site](https://example.com/a.md) [mail](mailto:a@example.com)',
        '```md',
        '[code](../b.md)',
        '```',
        `[last](${repository}/blob/HEAD/packages/file-store/c.md)`,
      ].join('\n'),
    );
  });
});

test('a prepared manifest leads to the repository and contains nothing that is only for its developers', () => {
  const prepared = prepare('packages/file-store');
  expect(prepared.manifest).toMatchObject({
    homepage: `${repository}/tree/HEAD/packages/file-store#readme`,
    bugs: `${repository}/issues`,
    repository: { type: 'git', url: `git+${repository}.git`, directory: 'packages/file-store' },
  });
  expect(prepared.manifest.exports['.']).toEqual({ types: './dist/index.d.ts', default: './dist/index.js' });
  expect(prepared.manifest).not.toHaveProperty('scripts');
  expect(prepared.manifest).not.toHaveProperty('devDependencies');
});

describe('a tarball', () => {
  const good: Record<string, string> = {
    LICENSE: 'MIT',
    'README.md': `[a](${repository}/blob/HEAD/docs/a.md)`,
    'dist/index.js': 'export {};\n//# sourceMappingURL=index.js.map',
    'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts'], sourcesContent: ['export {};'] }),
  };

  /** The problems of a tarball that differs from a good one by the given files and fields. */
  function findProblems(files: Record<string, string | undefined>, fields: Partial<Manifest> = {}): string[] {
    const core = prepare('packages/core');
    const published = { ...core.manifest, ...fields };
    const folder = createFolder();
    const content = { ...good, 'package.json': JSON.stringify(published), ...files };
    const present = Object.entries(content).filter((entry): entry is [string, string] => entry[1] !== undefined);
    write(join(folder, 'unpacked'), Object.fromEntries(present));
    write(folder, { 'docs/a.md': '', [`${core.directory}/src/index.ts`]: '' });
    const packed = { ...core, name: 'it', files: present.map(([path]) => path) } as unknown as PackedPackage;
    return findTarballProblems(packed, { folder: join(folder, 'unpacked'), root: folder, repository });
  }

  test('without a fault has no problem', () => {
    expect(findProblems({})).toEqual([]);
  });

  test.each<[string, RegExp, Record<string, string | undefined>, Partial<Manifest>?]>([
    ['without a licence', /LICENSE is missing/, { LICENSE: undefined }],
    ['with sources', /src\/index\.ts does not belong/, { 'src/index.ts': '' }],
    ['with the state of a build', /dist\/\.tsbuildinfo does not belong/, { 'dist/.tsbuildinfo': '' }],
    ['with a module of an earlier build', /dist\/old\.js has no source/, { 'dist/old.js': '' }],
    ['with a relative link', /README\.md links to \.\.\/a\.md/, { 'README.md': '[a](../a.md)' }],
    [
      'with a dead link',
      /docs\/b\.md, which does not exist/,
      { 'README.md': `[b](${repository}/blob/HEAD/docs/b.md)` },
    ],
    ['without a map', /index\.js\.map, which is missing/, { 'dist/index.js.map': undefined }],
    [
      'with an empty map',
      /\.\.\/src\/index\.ts, which is missing/,
      { 'dist/index.js.map': '{"sources":["../src/index.ts"]}' },
    ],
    ['without keywords', /no "keywords"/, {}, { keywords: undefined }],
    ['that may not be published', /"access": "public"/, {}, { publishConfig: { provenance: true } }],
    ['without provenance', /"provenance": true/, {}, { publishConfig: { access: 'public' } }],
    ['of another repository', /"repository" is not/, {}, { repository: { url: 'git+https://example.com/a/b.git' } }],
    [
      'with a reference into the workspace',
      /"workspace:\^", which means nothing/,
      {},
      { dependencies: { a: 'workspace:^' } },
    ],
    [
      'with the condition of the sources',
      /@instellix\/source/,
      {},
      { exports: { '.': { '@instellix/source': './src' } } },
    ],
  ])('%s is reported', (_, problem, files, fields) => {
    expect(findProblems(files, fields).join('\n')).toMatch(problem);
  });
});

test('every public package has the author of the project and keywords of its own', () => {
  const { author } = readJson<{ author: string }>(join(root, 'package.json'));
  const packages = findPublicPackages(root);
  expect(packages.length).toBeGreaterThan(7);
  for (const { manifest } of packages) {
    expect(manifest['author'], manifest.name).toBe(author);
    expect(manifest['keywords'], manifest.name).toContain('instellix');
  }
  expect(new Set(packages.map(({ manifest }) => String(manifest['keywords']))).size).toBe(packages.length);
});

test('the packages that are released together are the public ones', () => {
  const { fixed } = readJson<{ fixed: [string, string][] }>(join(root, '.changeset/config.json'));
  const [[all, except] = ['', '']] = fixed;
  expect(all).toBe('@instellix/*');
  const paths = globSync('{packages,apps,tools}/*/package.json', { cwd: root });
  const manifests = [...paths, 'docs/package.json', 'benchmarks/package.json'].map((path) =>
    readJson<Manifest>(join(root, path)),
  );
  const names = manifests.filter((manifest) => manifest.private).map(({ name }) => name.replace('@instellix/', ''));
  expect(except).toBe(`!@instellix/{${names.sort()}}`);
});
