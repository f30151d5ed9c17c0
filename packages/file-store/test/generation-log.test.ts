import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { GenerationLog } from '../src/generation-log.ts';
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
let logs = 0;
let log: GenerationLog;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'generation-log-'));
});
beforeEach(async () => {
  log = new GenerationLog(join(folder, `${logs++}`));
  await mkdir(log.directory);
});
afterEach(() => {
  fileFaults.before = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const names = async () =>
  (await readdir(log.directory)).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));

/** One who counts: adds one to what counts, until that has worked. */
async function count(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = await log.latest();
    if (await log.append(base, ((base.content as number | undefined) ?? 0) + 1)) return;
  }
  throw new Error('never got its turn');
}

/** What others do while one is stopped, in one go. */
function othersCount(times: number): void {
  for (let turn = 0; turn < times; turn++) {
    const numbers = readdirSync(log.directory).map(Number).filter(Number.isSafeInteger);
    const number = Math.max(...numbers);
    const { lineage, content } = JSON.parse(readFileSync(join(log.directory, `${number}`), 'utf8'));
    const next = { format: 1, lineage: [`other ${number}`, ...lineage].slice(0, 16), content: content + 1 };
    writeFileSync(join(log.directory, `${number + 1}`), JSON.stringify(next));
    for (const name of readdirSync(log.directory)) {
      if (Number.parseInt(name, 10) < number || (isDraft(name) && Number.parseInt(name, 10) <= number)) {
        unlinkSync(join(log.directory, name));
      }
    }
  }
}

/** Counts, and is stopped before its n-th operation on files while others count; answers before which, if there was one. */
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

describe('a record that many change at once', () => {
  test('loses nobody’s change, however many there are', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let turn = 0; turn < 20; turn++) await count();
      }),
    );
    expect((await log.latest()).content).toBe(160);
  });

  test.each([1, 2, 3, 7, 14])(
    'loses nobody’s change when one is stopped at any point of it, while others make %i',
    async (others) => {
      for (let operation = 0; ; operation++) {
        log = new GenerationLog(join(folder, `${logs++}`));
        await mkdir(log.directory);
        for (let turn = 0; turn < 3; turn++) await count();
        const stoppedAt = await countStoppedAt(operation, others);
        const expected = 4 + (stoppedAt ? others : 0);
        expect((await log.latest()).content, `stopped before ${stoppedAt}`).toBe(expected);
        if (!stoppedAt) break;
        expect(operation).toBeLessThan(40);
      }
    },
  );

  test('tells who was stopped for very long to decide again, rather than trust a change that time has passed by', async () => {
    const stops: string[] = [];
    for (let operation = 0; ; operation++) {
      log = new GenerationLog(join(folder, `${logs++}`));
      await mkdir(log.directory);
      await count();
      const stoppedAt = await countStoppedAt(operation, 40);
      if (!stoppedAt) break;
      stops.push(stoppedAt);
      // Its change may be in there already when it was stopped right after it; then it is made twice, never lost.
      expect([42, 43]).toContain((await log.latest()).content);
      expect((await log.latest()).number).toBeGreaterThan(41);
    }
    expect(stops).toEqual(['readdir', 'open', 'writeFileSync', 'linkSync', 'readdirSync', 'unlinkSync']);
  });

  test('goes on when one is killed at any point, and is rid of what that one has left', async () => {
    const killed = new Error('killed');
    for (let operation = 0; operation < 8; operation++) {
      for (let turn = 0; turn < 3; turn++) await count();
      const before = (await log.latest()).content as number;
      let seen = 0;
      // From then on nothing that it does happens.
      fileFaults.before = () => {
        if (seen++ >= operation) throw killed;
      };
      await count().catch((error) => expect(error).toBe(killed));
      fileFaults.before = undefined;
      expect([before, before + 1]).toContain((await log.latest()).content);
      for (let turn = 0; turn < 2; turn++) await count();
      expect((await names()).filter(isDraft)).toEqual([]);
    }
    expect((await names()).length).toBeLessThanOrEqual(3);
  });

  test('keeps two files, however often it changes', async () => {
    for (let turn = 0; turn < 30; turn++) await count();
    expect(await names()).toEqual(['29', '30']);
  });

  test('cannot be changed from a state that does not count any more, and shows no trace of the attempt', async () => {
    await count();
    const old = await log.latest();
    for (let turn = 0; turn < 10; turn++) await count();
    expect(await log.append(old, 'late')).toBe(false);
    expect(await names()).toEqual(['10', '11']);
    expect((await log.latest()).content).toBe(11);
  });

  test('does not come back from a state of before it was deleted', async () => {
    for (let turn = 0; turn < 5; turn++) await count();
    const old = await log.latest();
    await rm(log.directory, { recursive: true });
    await mkdir(log.directory);
    await count();
    expect(await log.append(old, 'late')).toBe(false);
    expect((await log.latest()).content).toBe(1);
  });
});

describe('what lies in the place of a record', () => {
  const plant: Record<string, (path: string) => Promise<unknown>> = {
    'an empty file': (path) => writeFile(path, ''),
    garbage: (path) => writeFile(path, Buffer.from([0, 255, 1, 254])),
    'a text of something else': (path) => writeFile(path, 'hello'),
    'JSON of something else': (path) => writeFile(path, '{"hello":"world"}'),
    'a file of a later format': (path) => writeFile(path, '{"format":2,"lineage":[],"content":9}'),
    'a file without a lineage': (path) => writeFile(path, '{"format":1,"content":9}'),
    'a directory': (path) => mkdir(path),
    'a link to nowhere': (path) => symlink('/nowhere/at/all', path),
    'a link to a record': (path) => symlink('2', path),
    'a file far too large': async (path) => {
      await writeFile(path, '');
      await truncate(path, 2 ** 34);
    },
  };

  test.each(Object.entries(plant))('counts as lost when it is %s, and does not stand in the way', async (_, put) => {
    for (let turn = 0; turn < 3; turn++) await count();
    await put(join(log.directory, '4'));
    expect((await log.latest()).content).toBeUndefined();
    await count();
    expect(await log.latest()).toMatchObject({ number: 5, content: 1 });
  });

  test('counts as lost when a machine that lost its power has cut it anywhere', async () => {
    await count();
    const { size } = statSync(join(log.directory, '1'));
    for (let length = size - 1; length >= 0; length--) {
      await truncate(join(log.directory, '1'), length);
      expect((await log.latest()).content).toBeUndefined();
    }
  });

  test('is left alone when it has a name that we do not give', async () => {
    for (const name of ['notes.txt', '2~', '007', '-1', '1.5', '1e3', '.hidden', '1'.repeat(16)]) {
      await writeFile(join(log.directory, name), 'mine');
    }
    await count();
    await count();
    await count();
    expect((await log.latest()).content).toBe(3);
    expect(await names()).toEqual(expect.arrayContaining(['notes.txt', '2~', '007', '1.5', '.hidden']));
  });

  test('is another user’s: counts as lost, since nobody but us may have written it', async () => {
    await count();
    const spy = vi.spyOn(process, 'geteuid').mockReturnValue(4_242);
    expect((await log.latest()).content).toBeUndefined();
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
  ])('at a %s is told, and leaves the record as it is: %s', async (at, code) => {
    await count();
    fileFaults.before = (operation) => {
      if (operation === at) throw fileError(code, operation);
    };
    await expect(log.append(await log.latest(), 2)).rejects.toMatchObject({ code });
    fileFaults.before = undefined;
    expect((await log.latest()).content).toBe(1);
    expect(await names()).toEqual(['1']);
  });

  test('that has no hard links is told as it is, rather than shared without protection', async () => {
    fileFaults.before = (operation) => {
      if (operation === 'linkSync') throw fileError('EPERM', operation);
    };
    await expect(log.append(await log.latest(), 1)).rejects.toMatchObject({ code: 'EPERM' });
    expect(await names()).toEqual([]);
  });
});

describe('a record that is given up', () => {
  test('leaves an empty file, and begins anew from there', async () => {
    for (let turn = 0; turn < 3; turn++) await count();
    await log.retire(await log.latest());
    expect(await names()).toEqual(['4']);
    await count();
    expect(await log.latest()).toMatchObject({ number: 5, content: 1 });
  });

  test('is not given up when somebody has just used it', async () => {
    await count();
    const seen = await log.latest();
    await count();
    await log.retire(seen);
    expect((await log.latest()).content).toBe(2);
  });
});
