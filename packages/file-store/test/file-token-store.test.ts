import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, createInstellixClient, type TokenEvent } from '@instellix/core';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileTokenStore, fileTokenStore } from '../src/file-token-store.ts';
import { fileError, fileFaults } from './file-faults.ts';

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
  fileFaults.instead = {};
  vi.restoreAllMocks();
});
// Whoever was given up on may still be at it.
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const key = { gate: 'gate', token: 'token' };
const request = { minIntervalMs: 0, leaseMs: 60_000, minRemainingMs: 0 };

async function put(where = directory, sealed = 'sealed'): Promise<void> {
  const store = fileTokenStore({ directory: where });
  const answer = await store.claim(key, request);
  if (answer.outcome !== 'granted') throw new Error(`not granted: ${answer.outcome}`);
  await store.commit(key, { sealed, fence: answer.fence, remainingMs: 60_000 });
}

/** The directory and all below it, with the rights of each. */
async function rights(path = directory): Promise<string[]> {
  const paths = [path, ...(await readdir(path, { recursive: true })).map((name) => join(path, name))];
  const all = await Promise.all(paths.map((each) => stat(each)));
  return [
    ...new Set(all.map((each) => `${each.isDirectory() ? 'directory' : 'file'} ${(each.mode & 0o777).toString(8)}`)),
  ];
}

describe('fileTokenStore refuses at once what it cannot work with', () => {
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

  test('and says all of it in one error', () => {
    const options = { directory: 5, dir: '/tmp', colour: 'red' };
    const error = expect.objectContaining({ problems: Array(2).fill(expect.any(String)) });
    expect(() => fileTokenStore(options as never)).toThrow(error);
  });

  test('but touches no disk before it is used', async () => {
    fileTokenStore({ directory });
    await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(fileTokenStore()).toBeDefined();
  });
});

describe('nobody but its owner', () => {
  test('can read what is in the directory, whatever the umask', async () => {
    const script = `
      import { fileTokenStore } from '@instellix/file-store';
      process.umask(0);
      const store = fileTokenStore({ directory: process.argv[1] });
      const { fence } = await store.claim(${JSON.stringify(key)}, ${JSON.stringify(request)});
      await store.commit(${JSON.stringify(key)}, { sealed: 'sealed', fence, remainingMs: 60_000 });`;
    const command = ['--conditions=@instellix/source', '--input-type=module', '--eval', script, '--', directory];
    execFileSync(process.execPath, command, { cwd: new URL('..', import.meta.url) });
    expect(await rights()).toEqual(['directory 700', 'file 600']);
  });

  test.each([0o755, 0o770, 0o777, 0o701])(
    'can go on doing so where the directory was looser: %o is tightened',
    async (mode) => {
      await mkdir(directory);
      await chmod(directory, mode);
      await put();
      expect(await rights()).toEqual(['directory 700', 'file 600']);
    },
  );

  test('can offer a directory: another user’s is refused, with a word on what to do', async () => {
    await mkdir(directory, { mode: 0o777 });
    vi.spyOn(process, 'geteuid').mockReturnValue(4_242);
    await expect(put()).rejects.toThrow(/belongs to user \d+\. Give fileTokenStore a directory of its own\./);
    expect(await readdir(directory)).toEqual([]);
  });

  test.each(['', 'v1-boot', 'v1-boot/gate'])('can plant a link in place of a directory: "%s"', async (place) => {
    const elsewhere = `${directory}-elsewhere`;
    const store = new FileTokenStore([directory], { monotonic: () => 1, now: () => 1, boot: 'boot' });
    await store.read(key);
    const [gate = ''] = await readdir(join(directory, 'v1-boot'));
    const path = join(directory, place.replace('gate', gate));
    await rm(path, { recursive: true });
    await mkdir(elsewhere);
    await symlink(elsewhere, path);
    const later = new FileTokenStore([directory], { monotonic: () => 1, now: () => 1, boot: 'boot' });
    await expect(later.claim(key, request)).rejects.toThrow('symbolic link');
    expect(await readdir(elsewhere)).toEqual([]);
  });

  test('can be let in by a directory whose rights do not change: it is refused', async () => {
    await mkdir(directory);
    await chmod(directory, 0o777);
    fileFaults.instead = { fchmodSync: () => undefined };
    await expect(put()).rejects.toThrow('others can reach into it');
  });
});

describe('a place that cannot be used', () => {
  test('is a file: it is refused and left as it is', async () => {
    await writeFile(directory, 'mine');
    await expect(put()).rejects.toThrow();
    expect(await readFile(directory, 'utf8')).toBe('mine');
  });

  test.each(['EACCES', 'EROFS', 'EPERM', 'ENOENT', 'ENOTDIR'])('by default gives way to the next: %s', async (code) => {
    const [first, second] = [`${directory}-first`, `${directory}-second`];
    const store = new FileTokenStore([first, second], { monotonic: () => 1, now: () => 1, boot: 'boot' });
    fileFaults.before = (operation, path) => {
      if (operation === 'mkdir' && path.startsWith(first)) throw fileError(code, operation);
    };
    await store.claim(key, request);
    expect(await readdir(second)).toEqual(['v1-boot']);
  });

  test('because something is wrong with it does not: somebody may want us elsewhere', async () => {
    const [first, second] = [`${directory}-first`, `${directory}-second`];
    await mkdir(second);
    await symlink(second, first);
    const store = new FileTokenStore([first, `${second}/other`], { monotonic: () => 1, now: () => 1, boot: 'boot' });
    await expect(store.claim(key, request)).rejects.toThrow('symbolic link');
    expect(await readdir(second)).toEqual([]);
  });

  test('for a moment is tried again with the next operation', async () => {
    const store = fileTokenStore({ directory });
    fileFaults.before = (operation) => {
      if (operation === 'mkdir') throw fileError('ENOSPC', operation);
    };
    await expect(store.claim(key, request)).rejects.toThrow('ENOSPC');
    fileFaults.before = undefined;
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'granted' });
  });
});

describe('a directory that somebody deletes while it is in use', () => {
  test('is made anew: what was in it is lost, nothing else', async () => {
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

describe('a machine that was started again', () => {
  test('begins with nothing: what was before says nothing about now', async () => {
    const clock = { monotonic: () => 90_000_000, now: Date.now, boot: 'before' };
    await new FileTokenStore([directory], clock).claim(key, request);
    const store = new FileTokenStore([directory], { ...clock, monotonic: () => 5_000, boot: 'after' });
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'granted' });
  });

  test('begins with nothing, too, where the platform does not name its starts', async () => {
    const clock = { monotonic: () => 90_000_000, now: Date.now, boot: 'any' };
    await new FileTokenStore([directory], clock).claim(key, request);
    const store = new FileTokenStore([directory], { ...clock, monotonic: () => 5_000 });
    expect(await store.claim(key, request)).toMatchObject({ outcome: 'granted' });
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

  test('keeps neither token nor secret readable in its files', async () => {
    expect(await callWith(directory)).toEqual({ status: 200, failed: [] });
    const names = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
    expect(texts.join()).toMatch(/"sealed":"[\da-f]{100,}"/);
    for (const text of [...texts, ...names.map(({ name }) => name)]) {
      expect(text.includes(emulator.clientSecret) || text.includes(emulator.clientId)).toBe(false);
    }
  });

  test('gets its token although the disk is full, and hears why it was not shared', async () => {
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
    fileFaults.before = (operation) => (operation === 'mkdir' ? asleep : undefined);
    const { status, failed } = await callWith(directory);
    wake();
    expect([status, failed]).toEqual([200, ['claim']]);
  });
});
