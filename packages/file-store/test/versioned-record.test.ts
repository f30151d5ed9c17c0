import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { VersionedRecord } from '../src/versioned-record.ts';
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
let records = 0;
let record: VersionedRecord;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'versioned-record-'));
});
beforeEach(async () => {
  record = new VersionedRecord(join(folder, `${records++}`));
  await mkdir(record.directory);
});
afterEach(() => {
  fileFaults.before = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const names = async () =>
  (await readdir(record.directory)).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

/** Increments the number in the record. */
async function count(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = await record.latest();
    if (await record.append(base, ((base.content as number | undefined) ?? 0) + 1)) return;
  }
  throw new Error('gave up after 200 attempts');
}

/** Increments the number synchronously, as other processes do while one is stopped. */
function othersCount(times: number): void {
  for (let turn = 0; turn < times; turn++) {
    const numbers = readdirSync(record.directory).map(Number).filter(Number.isSafeInteger);
    const number = Math.max(...numbers);
    const { ancestors, content } = JSON.parse(readFileSync(join(record.directory, `${number}`), 'utf8'));
    const next = { format: 1, ancestors: [`other ${number}`, ...ancestors].slice(0, 16), content: content + 1 };
    writeFileSync(join(record.directory, `${number + 1}`), JSON.stringify(next));
    for (const name of readdirSync(record.directory)) {
      if (Number.parseInt(name, 10) < number || (isDraft(name) && Number.parseInt(name, 10) <= number)) {
        unlinkSync(join(record.directory, name));
      }
    }
  }
}

/** Increments the number, and is stopped before its n-th file operation while others increment it. Returns that operation, if any. */
async function countStoppedAt(operation: number, others: number): Promise<string | undefined> {
  let seen = 0;
  let stoppedAt: string | undefined;
  fileFaults.before = (name) => {
    if (seen++ !== operation) return;
    stoppedAt = name;
    fileFaults.before = undefined;
    othersCount(others);
  };
  await count();
  fileFaults.before = undefined;
  return stoppedAt;
}

const isDraft = (name: string) => name.endsWith('.tmp');

describe('a record that several processes change at the same time', () => {
  test('loses no change', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let turn = 0; turn < 20; turn++) await count();
      }),
    );
    expect((await record.latest()).content).toBe(160);
  });

  test.each([1, 2, 3, 7, 14])(
    'loses no change when one is stopped at any point while others make %i changes',
    async (others) => {
      for (let operation = 0; ; operation++) {
        record = new VersionedRecord(join(folder, `${records++}`));
        await mkdir(record.directory);
        for (let turn = 0; turn < 3; turn++) await count();
        const stoppedAt = await countStoppedAt(operation, others);
        const expected = 4 + (stoppedAt ? others : 0);
        expect((await record.latest()).content, `stopped before ${stoppedAt}`).toBe(expected);
        if (!stoppedAt) break;
        expect(operation).toBeLessThan(40);
      }
    },
  );

  test('lets a process that was stopped for long decide again', async () => {
    const stops: string[] = [];
    for (let operation = 0; ; operation++) {
      record = new VersionedRecord(join(folder, `${records++}`));
      await mkdir(record.directory);
      await count();
      const stoppedAt = await countStoppedAt(operation, 40);
      if (!stoppedAt) break;
      stops.push(stoppedAt);
      // When it was stopped right after its change, the change may be made twice, but is never lost.
      expect([42, 43]).toContain((await record.latest()).content);
      expect((await record.latest()).number).toBeGreaterThan(41);
    }
    expect(stops).toEqual(['readdir', 'open', 'writeFileSync', 'linkSync', 'readdirSync', 'unlinkSync']);
  });

  test('survives that a process is killed at any point, and removes what that process has left', async () => {
    const killed = new Error('killed');
    for (let operation = 0; operation < 8; operation++) {
      for (let turn = 0; turn < 3; turn++) await count();
      const before = (await record.latest()).content as number;
      let seen = 0;
      // From here on, none of its operations is executed.
      fileFaults.before = () => {
        if (seen++ >= operation) throw killed;
      };
      await count().catch((error) => expect(error).toBe(killed));
      fileFaults.before = undefined;
      expect([before, before + 1]).toContain((await record.latest()).content);
      for (let turn = 0; turn < 2; turn++) await count();
      expect((await names()).filter(isDraft)).toEqual([]);
    }
    expect((await names()).length).toBeLessThanOrEqual(3);
  });

  test('keeps two files', async () => {
    for (let turn = 0; turn < 30; turn++) await count();
    expect(await names()).toEqual(['29', '30']);
  });

  test('cannot be changed from an old version, and no file remains of the attempt', async () => {
    await count();
    const old = await record.latest();
    for (let turn = 0; turn < 10; turn++) await count();
    expect(await record.append(old, 'late')).toBe(false);
    expect(await names()).toEqual(['10', '11']);
    expect((await record.latest()).content).toBe(11);
  });

  test('cannot be changed from a version from before it was deleted', async () => {
    for (let turn = 0; turn < 5; turn++) await count();
    const old = await record.latest();
    await rm(record.directory, { recursive: true });
    await mkdir(record.directory);
    await count();
    expect(await record.append(old, 'late')).toBe(false);
    expect((await record.latest()).content).toBe(1);
  });
});

describe('an unexpected file in place of a record', () => {
  const plant: Record<string, (path: string) => Promise<unknown>> = {
    'an empty file': (path) => writeFile(path, ''),
    garbage: (path) => writeFile(path, Buffer.from([0, 255, 1, 254])),
    'another text': (path) => writeFile(path, 'hello'),
    'other JSON': (path) => writeFile(path, '{"hello":"world"}'),
    'a file of a later format': (path) => writeFile(path, '{"format":2,"ancestors":[],"content":9}'),
    'a file without ancestors': (path) => writeFile(path, '{"format":1,"content":9}'),
    'a directory': (path) => mkdir(path),
    'a link to nowhere': (path) => symlink('/nowhere/at/all', path),
    'a link to a record': (path) => symlink('2', path),
    'a file far too large': async (path) => {
      await writeFile(path, '');
      await truncate(path, 2 ** 34);
    },
  };

  test.each(Object.entries(plant))('is ignored and replaced: %s', async (_, put) => {
    for (let turn = 0; turn < 3; turn++) await count();
    await put(join(record.directory, '4'));
    expect((await record.latest()).content).toBeUndefined();
    await count();
    expect(await record.latest()).toMatchObject({ number: 5, content: 1 });
  });

  test('is ignored when a loss of power has truncated it', async () => {
    await count();
    const { size } = statSync(join(record.directory, '1'));
    for (let length = size - 1; length >= 0; length--) {
      await truncate(join(record.directory, '1'), length);
      expect((await record.latest()).content).toBeUndefined();
    }
  });

  test('is left unchanged when its name is not one of ours', async () => {
    for (const name of ['notes.txt', '2~', '007', '-1', '1.5', '1e3', '.hidden', '1'.repeat(16)]) {
      await writeFile(join(record.directory, name), 'mine');
    }
    await count();
    await count();
    await count();
    expect((await record.latest()).content).toBe(3);
    expect(await names()).toEqual(expect.arrayContaining(['notes.txt', '2~', '007', '1.5', '.hidden']));
  });

  test('is ignored when it belongs to another user', async () => {
    await count();
    const spy = vi.spyOn(process, 'geteuid').mockReturnValue(4_242);
    expect((await record.latest()).content).toBeUndefined();
    spy.mockRestore();
  });
});

describe('a disk that fails', () => {
  test.each([
    ['writeFileSync', 'ENOSPC'],
    ['writeFileSync', 'EDQUOT'],
    ['writeFileSync', 'EIO'],
    ['open', 'ENOSPC'],
    ['open', 'EROFS'],
    ['open', 'EACCES'],
    ['linkSync', 'ENOSPC'],
    ['linkSync', 'EMLINK'],
  ])('in %s with %s: the error is reported, and the record does not change', async (at, code) => {
    await count();
    fileFaults.before = (operation) => {
      if (operation === at) throw fileError(code, operation);
    };
    await expect(record.append(await record.latest(), 2)).rejects.toMatchObject({ code });
    fileFaults.before = undefined;
    expect((await record.latest()).content).toBe(1);
    expect(await names()).toEqual(['1']);
  });

  test('without hard links: the error is reported', async () => {
    fileFaults.before = (operation) => {
      if (operation === 'linkSync') throw fileError('EPERM', operation);
    };
    await expect(record.append(await record.latest(), 1)).rejects.toMatchObject({ code: 'EPERM' });
    expect(await names()).toEqual([]);
  });
});

describe('a retired record', () => {
  test('leaves an empty file, and the next version follows it', async () => {
    for (let turn = 0; turn < 3; turn++) await count();
    await record.retire(await record.latest());
    expect(await names()).toEqual(['4']);
    await count();
    expect(await record.latest()).toMatchObject({ number: 5, content: 1 });
  });

  test('is not retired when another process has just changed it', async () => {
    await count();
    const seen = await record.latest();
    await count();
    await record.retire(seen);
    expect((await record.latest()).content).toBe(2);
  });
});
