import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readSecretFile } from '../../src/configuration/read-secret-file.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'instellix-secret-'));
});
afterAll(() => rm(directory, { recursive: true }));

const label = 'INSTELLIX_CLIENT_SECRET_FILE';

async function fileWith(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

function read(path: string): { readonly secret: string; readonly faults: readonly string[] } {
  const faults: string[] = [];
  return { secret: readSecretFile(path, faults), faults };
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
    expect(read(path)).toEqual({ secret, faults: [] });
  });

  it('is read through a symbolic link that a rotation replaces, as with mounted secrets', async () => {
    await fileWith('version-1', 'first');
    await fileWith('version-2', 'second');
    const path = join(directory, 'current');
    await symlink('version-1', path);
    expect(read(path).secret).toBe('first');
    await symlink('version-2', join(directory, 'next'));
    await rename(join(directory, 'next'), path);
    expect(read(path).secret).toBe('second');
  });
});

describe('a file without a usable secret', () => {
  it.each([
    ['empty', '', /non-empty/],
    ['a line break only', '\n', /non-empty/],
    ['whitespace only', ' \n\n', /whitespace/],
    ['two line breaks', 'hunter2\n\n', /whitespace/],
    ['a leading space', ' hunter2', /whitespace/],
    ['two lines', 'hunter2\nhunter3', /control characters/],
    ['no UTF-8', new Uint8Array([0x68, 0xff, 0xfe]), /cannot be read \(ERR_ENCODING_INVALID_ENCODED_DATA\).*UTF-8/],
    ['UTF-16', Buffer.from('\ufeffhunter2', 'utf16le'), /cannot be read \(ERR_ENCODING_INVALID_ENCODED_DATA\).*UTF-8/],
    ['more than 64 KiB', 'x'.repeat(65_537), /64 KiB/],
  ])('is reported by its path, without its content: %s', async (name, content, problem) => {
    const path = await fileWith(name, content);
    const { secret, faults } = read(path);
    expect(secret).toBeFalsy();
    expect(faults).toEqual([expect.stringMatching(problem)]);
    expect(faults[0]).toContain(`${label} "${path}" `);
    expect(faults[0]).not.toContain('hunter');
  });

  it('is reported with its path when it does not exist', async () => {
    const path = join(directory, 'missing');
    expect(read(path).faults).toEqual([
      `${label} "${path}" cannot be read (ENOENT): it must be a regular UTF-8 file of at most 64 KiB, and Node must be 20.16 or newer.`,
    ]);
    const below = join(await fileWith('a file', 'x'), 'below');
    expect(read(below).faults).toEqual([expect.stringMatching(/ENOTDIR/)]);
  });

  it('is reported when it is a directory, as a container mounts a missing file', async () => {
    const path = join(directory, 'folder');
    await mkdir(path);
    expect(read(path).faults).toEqual([expect.stringMatching(/must be a regular UTF-8 file/)]);
  });

  it('is reported when it is a circle of symbolic links', async () => {
    const path = join(directory, 'circle');
    await symlink('circle', path);
    expect(read(path).faults).toEqual([expect.stringMatching(/cannot be read \(ELOOP\)/)]);
  });

  it('is reported without reading it when it is a pipe or a device', async () => {
    const path = join(directory, 'pipe');
    execFileSync('mkfifo', [path]);
    expect(read(path).faults).toEqual([expect.stringMatching(/must be a regular UTF-8 file/)]);
    expect(read('/dev/zero').faults).toEqual([expect.stringMatching(/must be a regular UTF-8 file/)]);
  });

  it('is not shown when its path has no slash: it may be the secret in the wrong variable', async () => {
    expect(read('hunter2').faults).toEqual([
      expect.stringMatching(/^INSTELLIX_CLIENT_SECRET_FILE cannot be read \(ENOENT\)/),
    ]);
  });
});

describe('a runtime that cannot read files', () => {
  function faultsWith(process: unknown): readonly string[] {
    vi.stubGlobal('process', process);
    try {
      return read('/run/secrets/instellix').faults;
    } finally {
      vi.unstubAllGlobals();
    }
  }

  it.each(['EACCES', 'EPERM'])('is reported with the code of the file system: %s', (code) => {
    // Only the file system is faked: the tests may run as root, who may read everything.
    const statSync = () => {
      throw Object.assign(new Error(`${code}: hunter2`), { code });
    };
    expect(faultsWith({ getBuiltinModule: () => ({ statSync }) })).toEqual([
      expect.stringContaining(`${label} "/run/secrets/instellix" cannot be read (${code}): `),
    ]);
  });

  it.each([undefined, {}, { getBuiltinModule: () => undefined }])(
    'is reported with the version of Node that can: %#',
    (process) => {
      expect(faultsWith(process)).toEqual([expect.stringMatching(/cannot be read: .* Node must be 20\.16 or newer/)]);
    },
  );
});
