import { cpSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../packages/run.ts';
import { findPublicPackages } from './public-packages.ts';

/**
 * Copies the working tree, as git sees it, and what has been built, into a new temporary directory. The caller removes it.
 */
export async function copyWorkingTree(root: string): Promise<string> {
  const copy = mkdtempSync(join(tmpdir(), 'instellix-release-'));
  const listed = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    root,
  );
  const deleted = new Set((await run('git', ['ls-files', '-z', '--deleted'], root)).split('\0'));
  for (const path of listed.split('\0')) {
    if (path === '' || deleted.has(path)) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  for (const { directory } of findPublicPackages(root)) {
    cpSync(join(root, directory, 'dist'), join(copy, directory, 'dist'), { recursive: true });
  }
  return copy;
}
