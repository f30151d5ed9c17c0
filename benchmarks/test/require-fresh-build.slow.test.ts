import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireBuiltEntry, requireFreshBuild, StaleBuildError } from '../src/require-fresh-build.ts';

const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
const compilerOptions = {
  module: 'nodenext',
  rootDir: 'src',
  outDir: 'dist',
  tsBuildInfoFile: 'dist/.tsbuildinfo',
  composite: true,
  types: [],
};
let folder: string;

describe('requireFreshBuild', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'instellix-benchmarks-'));
    await mkdir(join(folder, 'src'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    await writeFile(join(folder, 'src/index.ts'), 'export const answer: number = 42;\n');
    await promisify(execFile)(tsc, ['--build', folder]);
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('accepts a build, also after a checkout that only touched its sources', async () => {
    await requireFreshBuild(folder);
    const later = new Date(Date.now() + 60_000);
    await utimes(join(folder, 'src/index.ts'), later, later);
    await requireFreshBuild(folder);
  });

  it('rejects sources that have changed since the build', async () => {
    await writeFile(join(folder, 'src/index.ts'), 'export const answer: number = 43;\n');
    const later = new Date(Date.now() + 60_000);
    await utimes(join(folder, 'src/index.ts'), later, later);
    const refusal = requireFreshBuild(folder);
    await expect(refusal).rejects.toThrow(StaleBuildError);
    await expect(refusal).rejects.toThrow('pnpm run build');
  });

  it('rejects a package that was never built', async () => {
    await rm(join(folder, 'dist'), { recursive: true });
    await expect(requireFreshBuild(folder)).rejects.toThrow(/dist\/index\.js is missing.*pnpm run build/);
  });
});

it('rejects sources instead of the built package', () => {
  // Tests resolve the packages to their sources.
  expect(() => requireBuiltEntry('@instellix/core')).toThrow('@instellix/source');
});
