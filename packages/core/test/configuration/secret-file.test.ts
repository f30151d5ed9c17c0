import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Problems } from '../../src/configuration/problems.ts';
import { checkSecretFile, readSecretFile } from '../../src/configuration/secret-file.ts';
import { problemsIn, problemsOf } from './problems-of.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'instellix-secret-'));
});
afterAll(() => rm(directory, { recursive: true }));

const label = 'INSTELLIX_CLIENT_SECRET_FILE (option clientSecret)';

async function fileWith(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

/** What the check at the start says; the reading later must say the same. */
async function faultsOf(path: string): Promise<readonly string[]> {
  const problems = new Problems();
  checkSecretFile({ path, label }, problems);
  const atOnce = problemsOf(() => problems.throwIfAny());
  const later = await readSecretFile({ path, label }).then(() => [], problemsIn);
  expect(later).toEqual(atOnce);
  return atOnce;
}

describe('a usable file', () => {
  it.each([
    ['no line break', 's3cret', 's3cret'],
    ['the line break of an editor', 's3cret\n', 's3cret'],
    ['the line break of Windows', 's3cret\r\n', 's3cret'],
    ['the byte order mark of Windows', '\ufeffs3cret', 's3cret'],
    ['letters beyond ASCII', 'schlüssel 密', 'schlüssel 密'],
    ['64 KiB', 'x'.repeat(65_536), 'x'.repeat(65_536)],
  ])('is read with %s', async (name, content, secret) => {
    const path = await fileWith(name, content);
    expect(await faultsOf(path)).toEqual([]);
    expect(await readSecretFile({ path, label })).toBe(secret);
  });

  it('is found behind a symbolic link that a rotation moves, as mounted secrets have it', async () => {
    await fileWith('version-1', 'first');
    await fileWith('version-2', 'second');
    const path = join(directory, 'current');
    await symlink('version-1', path);
    expect(await readSecretFile({ path, label })).toBe('first');
    await symlink('version-2', join(directory, 'next'));
    await rename(join(directory, 'next'), path);
    expect(await readSecretFile({ path, label })).toBe('second');
  });
});

describe('a file without a usable secret', () => {
  it.each([
    ['empty', '', /must not be empty/],
    ['a line break only', '\n', /must not be empty/],
    ['white space only', ' \n\n', /only white space/],
    ['two line breaks', 'hunter2\n\n', /white space/],
    ['a leading space', ' hunter2', /white space/],
    ['two lines', 'hunter2\nhunter3', /control characters/],
    ['no UTF-8', new Uint8Array([0x68, 0xff, 0xfe]), /is not UTF-8 text/],
    ['UTF-16', Buffer.from('\ufeffhunter2', 'utf16le'), /is not UTF-8 text/],
    ['more than 64 KiB', 'x'.repeat(65_537), /larger than 64 KiB/],
  ])('is reported by name, never by content: %s', async (name, content, problem) => {
    const path = await fileWith(name, content);
    const faults = await faultsOf(path);
    expect(faults).toEqual([expect.stringMatching(problem)]);
    expect(faults[0]).toContain(`${label} names "${path}", which`);
    expect(faults[0]).not.toContain('hunter');
  });

  it('is reported when it is not there, with the path that was looked at', async () => {
    const path = join(directory, 'missing');
    expect(await faultsOf(path)).toEqual([
      `${label} names "${path}", which does not exist: correct the path, or put the file there.`,
    ]);
    const below = join(await fileWith('a file', 'x'), 'below');
    expect(await faultsOf(below)).toEqual([expect.stringMatching(/does not exist/)]);
  });

  it('is reported when it is a directory, as container mounts of missing files are', async () => {
    const path = join(directory, 'folder');
    await mkdir(path);
    expect(await faultsOf(path)).toEqual([expect.stringMatching(/is not a regular file/)]);
  });

  it('is reported when its links go round in circles', async () => {
    const path = join(directory, 'circle');
    await symlink('circle', path);
    expect(await faultsOf(path)).toEqual([expect.stringMatching(/cannot be read \(ELOOP\)/)]);
  });

  it('does not hang on a pipe, nor read a device without end', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(await faultsOf(path)).toEqual([expect.stringMatching(/is not a regular file/)]);
    expect(await faultsOf('/dev/zero')).toEqual([expect.stringMatching(/is not a regular file/)]);
  });

  it('is not named when it has no folder: it may be the secret, set as the wrong variable', async () => {
    expect(await faultsOf('hunter2')).toEqual([
      `${label} names a file of the working directory, which does not exist: correct the path, or put the file there.`,
    ]);
  });
});

describe('a runtime that does not let us read', () => {
  async function faultsWith(process: unknown): Promise<readonly string[]> {
    vi.stubGlobal('process', process);
    const problems = new Problems();
    checkSecretFile({ path: '/run/secrets/instellix', label }, problems);
    const later = readSecretFile({ path: '/run/secrets/instellix', label }).then(() => [], problemsIn);
    vi.unstubAllGlobals();
    const atOnce = problemsOf(() => problems.throwIfAny());
    expect(await later).toEqual(atOnce);
    return atOnce;
  }

  it.each(['EACCES', 'EPERM'])('is told from a missing file: %s', async (code) => {
    // The tests may run as root, who may read everything: only the answer of the file system is made up.
    const refuse = () => {
      throw Object.assign(new Error(`${code}: hunter2`), { code });
    };
    const fs = { statSync: refuse, readFileSync: refuse, promises: { stat: refuse, readFile: refuse } };
    expect(await faultsWith({ getBuiltinModule: () => fs })).toEqual([
      `${label} names "/run/secrets/instellix", which this process may not read: give it the right to.`,
    ]);
  });

  it.each([undefined, {}, { getBuiltinModule: () => undefined }])('says which one can: %#', async (process) => {
    expect(await faultsWith(process)).toEqual([
      expect.stringMatching(/no file system here; Node has one from 20\.16 on/),
    ]);
  });
});
