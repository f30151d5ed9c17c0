import { copyFileSync, cpSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../packages/run.ts';
import { type DebianRelease, folderOf, programIn } from './fetched-servers.ts';
import { PrivateApt } from './private-apt.ts';

/** Fetches the servers of a release, with the libraries that they were built for. @throws Error when one does not start */
export async function fetchServers(release: DebianRelease): Promise<void> {
  using apt = new PrivateApt();
  await apt.open(release.codename);
  const packages = await apt.download(release.servers);
  const folder = folderOf(release);
  const unfinished = `${folder}.unfinished`;
  for (const stale of [folder, unfinished]) rmSync(stale, { recursive: true, force: true });
  await unpack(packages, release.servers, unfinished);
  for (const server of release.servers) {
    const { command, args } = programIn(unfinished, server);
    await run(command, [...args, '--version'], unfinished);
  }
  renameSync(unfinished, folder);
}

/** Keeps the programs and the libraries, and nothing else of the packages: some hold programs that run as root. */
async function unpack(packages: readonly string[], programs: readonly string[], folder: string): Promise<void> {
  const outside = mkdtempSync(join(tmpdir(), 'redis-servers-'));
  const all = join(outside, 'all');
  try {
    for (const file of packages) await run('dpkg-deb', ['--extract', file, all], outside);
    mkdirSync(join(folder, 'lib'), { recursive: true });
    const libraries = globSync('{lib,usr/lib}/*-linux-*/*.so*', { cwd: all });
    for (const path of libraries)
      cpSync(join(all, path), join(folder, 'lib', basename(path)), { verbatimSymlinks: true });
    const [loader] = libraries.filter((path) => /^ld(-linux.*)?\.so\./.test(basename(path)));
    if (!loader) throw new Error(`There is no loader among the libraries of ${programs.join(' and ')}.`);
    copyFileSync(join(all, loader), join(folder, 'loader'));
    for (const name of programs) copyFileSync(join(all, 'usr/bin', name), join(folder, name));
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
}
