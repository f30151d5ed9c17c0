import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultDirectories, type HostEnvironment, prepareDefaultDirectory } from '../src/default-directories.ts';
import { fileError, fileFaults } from './file-faults.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { watchFiles } = await import('./file-faults.ts');
  return watchFiles(await importOriginal());
});
vi.mock('node:fs', async (importOriginal) => {
  const { watchSyncFiles } = await import('./file-faults.ts');
  return watchSyncFiles(await importOriginal());
});

const linux: HostEnvironment = {
  platform: 'linux',
  variables: {},
  home: () => '/home/ada',
  temporary: '/tmp',
  uid: 1_000,
};

describe('the first default directory', () => {
  test.each<[string, Partial<HostEnvironment>, string]>([
    ['is in the runtime directory', { variables: { XDG_RUNTIME_DIR: '/run/user/1000' } }, '/run/user/1000/instellix'],
    ['is in the state directory', { variables: { XDG_STATE_HOME: '/state' } }, '/state/instellix'],
    ['is in the home directory', {}, '/home/ada/.local/state/instellix'],
    [
      'is never below a relative path, which the specification ignores',
      { variables: { XDG_RUNTIME_DIR: 'run' } },
      '/home/ada/.local/state/instellix',
    ],
    ['is never below an empty path', { variables: { XDG_STATE_HOME: '' } }, '/home/ada/.local/state/instellix'],
    ['on macOS is in the caches', { platform: 'darwin' }, '/home/ada/Library/Caches/instellix'],
    ['is in the temporary directory when there is no home', { home: () => '' }, '/tmp/instellix-1000'],
    [
      'is in the temporary directory when the user has no account',
      {
        home: () => {
          throw new Error('no such user');
        },
      },
      '/tmp/instellix-1000',
    ],
    [
      'on Windows is in the local application data',
      { platform: 'win32', uid: undefined, variables: { LOCALAPPDATA: '/local' } },
      '/local/instellix',
    ],
    [
      'on Windows is found without the variable',
      { platform: 'win32', uid: undefined },
      '/home/ada/AppData/Local/instellix',
    ],
  ])('%s', (_, environment, expected) => {
    expect(defaultDirectories({ ...linux, ...environment })[0]).toBe(expected);
  });
});

describe('defaultDirectories', () => {
  test('returns all candidates in their order', () => {
    const variables = { XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/state' };
    expect(defaultDirectories({ ...linux, variables, temporary: '/var/tmp' })).toEqual([
      '/run/user/1000/instellix',
      '/state/instellix',
      '/home/ada/.local/state/instellix',
      '/var/tmp/instellix-1000',
      '/tmp/instellix-1000',
    ]);
  });

  test('returns absolute paths on this machine', () => {
    expect(defaultDirectories().every((directory) => isAbsolute(directory))).toBe(true);
  });
});

describe('prepareDefaultDirectory', () => {
  const uid = process.geteuid?.() ?? 0;
  let folder: string;
  let runtime: string;
  let home: string;
  let temporary: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'default-directories-'));
    [runtime, home, temporary] = ['run', 'home', 'tmp'].map((name) => join(folder, name)) as [string, string, string];
    for (const each of [runtime, home, temporary]) await mkdir(each);
  });
  afterEach(async () => {
    fileFaults.before = undefined;
    fileFaults.owners = {};
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  const prepare = (environment: Partial<HostEnvironment> = {}) =>
    prepareDefaultDirectory({
      ...linux,
      uid,
      variables: { XDG_RUNTIME_DIR: runtime },
      home: () => home,
      temporary,
      ...environment,
    });
  const inRuntime = () => join(runtime, 'instellix');
  const inHome = () => join(home, '.local', 'state', 'instellix');

  test('creates the first directory for its owner only', async () => {
    expect(await prepare()).toBe(inRuntime());
    expect((await stat(inRuntime())).mode & 0o777).toBe(0o700);
    expect(await readdir(home)).toEqual([]);
  });

  test.each<[string, () => Promise<unknown> | unknown]>([
    [
      'belongs to another user, for example root after `sudo -E`',
      async () => {
        await mkdir(inRuntime(), { mode: 0o700 });
        fileFaults.owners = { [inRuntime()]: 4_242 };
      },
    ],
    [
      'is accessible to other users',
      async () => {
        await mkdir(inRuntime());
        await chmod(inRuntime(), 0o755);
      },
    ],
    ['is a symbolic link', () => symlink(home, inRuntime())],
    ['is a file', () => writeFile(inRuntime(), '')],
    ...['EACCES', 'EROFS', 'EPERM', 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EIO'].map((code): [string, () => void] => [
      `fails with ${code}`,
      () => {
        fileFaults.before = (operation, path) => {
          if (operation === 'mkdirSync' && path === inRuntime()) throw fileError(code, operation);
        };
      },
    ]),
    [
      'exists on a disk that is now read-only',
      async () => {
        await mkdir(inRuntime(), { mode: 0o700 });
        fileFaults.before = (operation, path) => {
          if (operation === 'access' && path === inRuntime()) throw fileError('EROFS', operation);
        };
      },
    ],
  ])('uses the next one when the first %s', async (_, arrange) => {
    await arrange();
    expect(await prepare()).toBe(inHome());
  });

  test('rejects with the reason of the last one when none works', async () => {
    fileFaults.before = (operation) => {
      if (operation === 'mkdirSync') throw fileError('EROFS', operation);
    };
    await expect(prepare()).rejects.toMatchObject({ code: 'EROFS' });
  });

  describe('as root', () => {
    // All parents of the test's folder belong to root, whichever user runs the tests.
    beforeEach(() => {
      for (let each = folder; each !== dirname(each); each = dirname(each)) fileFaults.owners[each] = 0;
      for (const each of [runtime, home, temporary]) fileFaults.owners[each] = 0;
      fileFaults.owners[dirname(folder)] = 0;
      fileFaults.owners['/'] = 0;
    });

    test('uses a directory in a tree that belongs to root', async () => {
      expect(await prepare({ uid: 0 })).toBe(inRuntime());
    });

    test('uses and creates nothing in XDG_RUNTIME_DIR and HOME of another user', async () => {
      fileFaults.owners[runtime] = 1_000;
      fileFaults.owners[home] = 1_000;
      expect(await prepare({ uid: 0 })).toBe(join(temporary, 'instellix-0'));
      expect(await readdir(runtime)).toEqual([]);
      expect(await readdir(home)).toEqual([]);
    });

    test('uses nothing in XDG_STATE_HOME of another user, although it does not exist yet', async () => {
      fileFaults.owners[home] = 1_000;
      expect(await prepare({ uid: 0, variables: { XDG_STATE_HOME: join(home, 'some', 'state') } })).toBe(
        join(temporary, 'instellix-0'),
      );
      expect(await readdir(home)).toEqual([]);
    });

    test('uses nothing that a link of root’s leads to in the tree of another user', async () => {
      fileFaults.owners[home] = 1_000;
      const link = join(folder, 'link');
      await mkdir(join(home, 'deep'));
      await symlink(join(home, 'deep'), link);
      fileFaults.owners[join(home, 'deep')] = 0;
      expect(await prepare({ uid: 0, variables: { XDG_RUNTIME_DIR: link } })).toBe(join(temporary, 'instellix-0'));
      expect(await readdir(join(home, 'deep'))).toEqual([]);
    });

    test('uses nothing in the temporary directory of another user', async () => {
      for (const each of [runtime, home, temporary]) fileFaults.owners[each] = 1_000;
      fileFaults.before = (operation, path) => {
        // Not created for a test.
        if (operation === 'mkdirSync') throw fileError(path, operation);
      };
      await expect(prepare({ uid: 0 })).rejects.toThrow('/tmp/instellix-0');
      expect(await readdir(temporary)).toEqual([]);
    });
  });
});
