import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, createInstellixClient, type TokenEvent } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fileTokenStore } from '../src/file-token-store.ts';
import { machineClock } from '../src/machine-clock.ts';
import { fileError, fileFaults } from './file-faults.ts';
import { openStore } from './open-store.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { watchFiles } = await import('./file-faults.ts');
  return watchFiles(await importOriginal());
});
vi.mock('node:fs', async (importOriginal) => {
  const { watchSyncFiles } = await import('./file-faults.ts');
  return watchSyncFiles(await importOriginal());
});

let folder: string;
let directory: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-token-store-'));
});
beforeEach(() => {
  directory = join(folder, `${count++}`);
});
afterEach(() => {
  fileFaults.before = undefined;
  fileFaults.owners = {};
  vi.restoreAllMocks();
});
// An operation that timed out may still be running.
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const key = { gate: 'gate', token: 'token' };
const request = { minIntervalMs: 0, leaseMs: 60_000, minRemainingMs: 0 };

async function put(where = directory): Promise<void> {
  const store = fileTokenStore({ directory: where });
  const result = await store.claim(key, request);
  if (result.outcome !== 'granted') throw new Error(`not granted: ${result.outcome}`);
  await store.commit(key, { ciphertext: 'ciphertext', fence: result.fence, remainingMs: 60_000 });
}

/** The modes of the directory and of everything below it. */
async function modes(path = directory): Promise<string[]> {
  const paths = [path, ...(await readdir(path, { recursive: true })).map((name) => join(path, name))];
  const all = await Promise.all(paths.map((each) => stat(each)));
  return [
    ...new Set(all.map((each) => `${each.isDirectory() ? 'directory' : 'file'} ${(each.mode & 0o777).toString(8)}`)),
  ];
}

describe('fileTokenStore refuses immediately', () => {
  test.each<[string, unknown]>([
    ['a misspelt option', { dir: '/tmp/x' }],
    ['a relative directory', { directory: 'tokens' }],
    ['an empty directory', { directory: '' }],
    ['a directory with a NUL in it', { directory: '/tmp/a\0b' }],
    ['a number', { directory: 5 }],
    ['null', null],
    ['a path instead of options', '/tmp/x'],
    ['a map', new Map()],
  ])('%s', (_, options) => {
    expect(() => fileTokenStore(options as never)).toThrow(ConfigurationError);
  });

  test('several problems with one error', () => {
    const options = { directory: 5, dir: '/tmp', colour: 'red' };
    const error = expect.objectContaining({ problems: Array(2).fill(expect.any(String)) });
    expect(() => fileTokenStore(options as never)).toThrow(error);
  });
});

test('fileTokenStore does not access the disk before the first operation', async () => {
  fileTokenStore({ directory });
  await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(fileTokenStore()).toBeDefined();
});

describe('the directory', () => {
  test('is accessible to its owner only, whatever the umask', async () => {
    const script = `
      import { fileTokenStore } from '@instellix/file-store';
      process.umask(0);
      const store = fileTokenStore({ directory: process.argv[1] });
      const { fence } = await store.claim(${JSON.stringify(key)}, ${JSON.stringify(request)});
      await store.commit(${JSON.stringify(key)}, { ciphertext: 'ciphertext', fence, remainingMs: 60_000 });`;
    const command = ['--conditions=@instellix/source', '--input-type=module', '--eval', script, '--', directory];
    execFileSync(process.execPath, command, { cwd: new URL('..', import.meta.url) });
    expect(await modes()).toEqual(['directory 700', 'file 600']);
  });

  test('is created together with missing parents', async () => {
    directory = join(directory, 'a', 'b');
    await put();
    expect(await modes(join(directory, '..', '..'))).toEqual(['directory 700', 'file 600']);
  });

  test('is used when it exists with mode 700', async () => {
    await mkdir(directory, { mode: 0o700 });
    await put();
    expect(await modes()).toEqual(['directory 700', 'file 600']);
  });

  test.each([0o755, 0o770, 0o777, 0o701, 0o1777])(
    'is refused and not changed when other users can access it (mode %o)',
    async (mode) => {
      await mkdir(directory);
      await chmod(directory, mode);
      await writeFile(join(directory, 'file of another user'), '');
      await expect(put()).rejects.toMatchObject({
        code: 'DIRECTORY_NOT_PRIVATE',
        message: expect.stringContaining(`\`chmod 700 ${directory}\``),
      });
      expect((await stat(directory)).mode & 0o7777).toBe(mode);
      expect(await readdir(directory)).toEqual(['file of another user']);
    },
  );

  test('is refused when it belongs to another user', async () => {
    await mkdir(directory, { mode: 0o700 });
    fileFaults.owners = { [directory]: 4_242 };
    await expect(put()).rejects.toMatchObject({
      code: 'DIRECTORY_NOT_OWNED',
      message: expect.stringMatching(/belongs to the user with the id 4242, .*Name a directory of this user/),
    });
    expect(await readdir(directory)).toEqual([]);
  });

  test.each(['', '/', '/.', '//', '/./', '/x/..'])(
    'is refused when it is a symbolic link, written with "%s"',
    async (end) => {
      const elsewhere = `${directory}-elsewhere`;
      await mkdir(elsewhere, { mode: 0o700 });
      await symlink(elsewhere, directory);
      await expect(put(directory + end)).rejects.toMatchObject({ code: 'DIRECTORY_IS_LINK' });
      expect(await readdir(elsewhere)).toEqual([]);
    },
  );

  test.each(['v1-boot', 'v1-boot/gate'])('is refused when %s in it is a symbolic link', async (place) => {
    const elsewhere = `${directory}-elsewhere`;
    const clock = { ...machineClock, boot: 'boot' };
    await openStore(directory, clock).read(key);
    const [gate = ''] = await readdir(join(directory, 'v1-boot'));
    const path = join(directory, place.replace('gate', gate));
    await rm(path, { recursive: true });
    await mkdir(elsewhere, { mode: 0o700 });
    await symlink(elsewhere, path);
    await expect(openStore(directory, clock).claim(key, request)).rejects.toMatchObject({ code: 'DIRECTORY_IS_LINK' });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('is refused and not changed when it is a file', async () => {
    await writeFile(directory, 'mine');
    await expect(put()).rejects.toThrow();
    expect(await readFile(directory, 'utf8')).toBe('mine');
  });

  test('is tried again by the next operation after an error', async () => {
    const store = fileTokenStore({ directory });
    fileFaults.before = (operation) => {
      if (operation === 'mkdirSync') throw fileError('ENOSPC', operation);
    };
    await expect(store.claim(key, request)).rejects.toMatchObject({ code: 'ENOSPC' });
    fileFaults.before = undefined;
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'granted' });
  });

  test.runIf(process.platform === 'linux')('fails at once below a directory that cannot contain any', async () => {
    // As below a mounted directory that its host has deleted, where `mkdir` with `recursive` of Node 24 never ends.
    await expect(put('/proc/instellix')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(put('/proc/instellix/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is created again when it is deleted while in use, and its data are lost', async () => {
    const store = fileTokenStore({ directory });
    const before = await store.claim(key, request);
    await rm(directory, { recursive: true });
    expect(await store.read(key)).toBeUndefined();
    const after = await store.claim(key, request);
    expect(after).toMatchObject({ outcome: 'granted' });
    expect(after.outcome === 'granted' && before.outcome === 'granted' && after.fence >= before.fence).toBe(true);
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'wait', because: 'held' });
  });
});

describe('after a restart of the machine', () => {
  const before = { monotonic: () => 90_000_000, now: () => 1_000_000_000, boot: 'before' };
  const after = { ...before, monotonic: () => 5_000 };

  test('the data are lost where the platform identifies its starts', async () => {
    await openStore(directory, before).claim(key, request);
    const store = openStore(directory, { ...after, boot: 'after' });
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'granted' });
  });

  test('the wall clock counts elsewhere', async () => {
    await openStore(directory, before).claim(key, request);
    const store = openStore(directory, after);
    expect(await store.claim(key, request)).toEqual({ outcome: 'wait', because: 'held', waitMs: request.leaseMs });
    const later = openStore(directory, { ...after, now: () => before.now() + request.leaseMs });
    expect(await later.claim(key, request)).toMatchObject({ outcome: 'granted' });
  });
});

test('gives up with an error when other processes keep changing a record', async () => {
  const store = fileTokenStore({ directory });
  await store.read(key);
  fileFaults.before = (operation) => {
    if (operation === 'linkSync') throw fileError('EEXIST', operation);
  };
  await expect(store.claim(key, request)).rejects.toMatchObject({
    code: 'TOO_MANY_CONFLICTS',
    message: expect.stringContaining('after 100 attempts because other processes kept changing it'),
  });
});

describe('a client', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ throttleWindowMs: 0 });
  });
  afterAll(() => emulator.close());

  async function callWith(where: string): Promise<{ status: number; failed: string[] }> {
    const events: TokenEvent[] = [];
    await using client = createInstellixClient({
      environment: { apiUrl: emulator.url },
      realm: emulator.realm,
      clientId: emulator.clientId,
      clientSecret: emulator.clientSecret,
      store: fileTokenStore({ directory: where }),
      onEvent: (event) => events.push(event),
    });
    const { status } = await client.fetch('/customers');
    await client.close();
    return { status, failed: events.flatMap((event) => (event.type === 'store_failed' ? [event.operation] : [])) };
  }

  test('writes neither token nor secret in plain text', async () => {
    expect(await callWith(directory)).toEqual({ status: 200, failed: [] });
    const names = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
    expect(texts.join()).toMatch(/"ciphertext":"[\da-f]{100,}"/);
    for (const text of [...texts, ...names.map(({ name }) => name)]) {
      expect(text.includes(emulator.clientSecret) || text.includes(emulator.clientId)).toBe(false);
    }
  });

  test('gets its token although the disk is full, and emits an event', async () => {
    fileFaults.before = (operation) => {
      if (operation === 'writeFileSync') throw fileError('ENOSPC', operation);
    };
    expect(await callWith(directory)).toEqual({ status: 200, failed: ['claim'] });
  });

  test('gets its token although the directory cannot be used', async () => {
    await writeFile(directory, 'a file');
    expect(await callWith(directory)).toEqual({ status: 200, failed: ['claim'] });
  });

  test('gets its token although the disk hangs', async () => {
    let wake = () => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    fileFaults.before = (operation) => (operation === 'lstat' ? asleep : undefined);
    const { status, failed } = await callWith(directory);
    wake();
    expect([status, failed]).toEqual([200, ['claim']]);
  });
});
