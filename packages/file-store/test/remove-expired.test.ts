import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TokenStore } from '@instellix/core/store';
import { VirtualClock } from '@instellix/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { removeExpired } from '../src/remove-expired.ts';
import { fileFaults } from './file-faults.ts';
import { openStore } from './open-store.ts';

vi.mock('node:fs/promises', async (importOriginal) => {
  const { watchFiles } = await import('./file-faults.ts');
  return watchFiles(await importOriginal());
});

const dayMs = 86_400_000;
const [current, earlier] = ['v1-00000000000000aa', 'v1-00000000000000bb'];
const request = { minIntervalMs: dayMs, leaseMs: 1_000, minRemainingMs: 0 };

let directory: string;
let clock: VirtualClock;
let store: TokenStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'remove-expired-'));
  clock = new VirtualClock(Date.now());
  store = openStore(directory, machine());
});
afterEach(async () => {
  fileFaults.owners = {};
  await rm(directory, { recursive: true, force: true });
});

const machine = (boot = '00000000000000aa') => ({ monotonic: () => clock.monotonic(), now: () => clock.now(), boot });
const keyOf = (gate: string) => ({ gate, token: 'token' });

async function put(gate: string, remainingMs: number, where = store): Promise<void> {
  const result = await where.claim(keyOf(gate), request);
  if (result.outcome !== 'granted') throw new Error('not granted');
  await where.commit(keyOf(gate), { ciphertext: 'ciphertext', fence: result.fence, remainingMs });
}

const files = async () => (await readdir(join(directory, current), { recursive: true })).map((name) => basename(name));

describe('the record of a gate', () => {
  test('is emptied a day after its latest claim, and the gate opens again', async () => {
    await put('old', 0);
    await clock.advance(dayMs + 1);
    await removeExpired(directory, current, machine());
    const emptied = [expect.stringMatching(/^[\da-f]{64}$/), '3'];
    expect(await files()).toEqual(emptied);
    await removeExpired(directory, current, machine());
    expect(await files()).toEqual(emptied);
    expect(await store.claim(keyOf('old'), request)).toMatchObject({ outcome: 'granted' });
    expect(await store.claim(keyOf('old'), request)).toMatchObject({ outcome: 'wait', because: 'held' });
  });

  test('keeps its fence when its only request was never sent', async () => {
    const first = await store.claim(keyOf('gate'), request);
    if (first.outcome !== 'granted') throw new Error('not granted');
    await store.release(keyOf('gate'), first.fence, false);
    await removeExpired(directory, current, machine());
    expect(await store.claim(keyOf('gate'), request)).toEqual({ outcome: 'granted', fence: first.fence + 1 });
  });

  test('is kept for a day, and as long as its token lives', async () => {
    await put('brief', 0);
    await clock.advance(1);
    await put('gate', dayMs);
    await clock.advance(dayMs - 2);
    await removeExpired(directory, current, machine());
    expect(await store.claim(keyOf('brief'), request)).toMatchObject({ outcome: 'wait', waitMs: 1 });
    await clock.advance(1);
    await removeExpired(directory, current, machine());
    expect(await store.read(keyOf('gate'))).toMatchObject({ remainingMs: 1 });
  });
});

describe('the directory of an earlier start of the machine', () => {
  async function age(days: number): Promise<void> {
    const then = new Date(clock.now() - days * dayMs);
    for (const name of await readdir(directory, { recursive: true })) await utimes(join(directory, name), then, then);
  }
  const remove = () => removeExpired(directory, current, machine());

  beforeEach(() => put('gate', 0));

  test('is deleted after a day without changes, because another machine may be using it', async () => {
    await put('gate', 0, openStore(directory, machine('00000000000000bb')));
    await age(2);
    const [record = ''] = await readdir(join(directory, earlier));
    const now = new Date(clock.now());
    await utimes(join(directory, earlier, record), now, now);
    await remove();
    expect(await readdir(directory)).toContain(earlier);
    await age(2);
    await remove();
    expect(await readdir(directory)).toEqual([current]);
  });

  test('is deleted when a new gate is used', async () => {
    await put('gate', 0, openStore(directory, machine('00000000000000bb')));
    await age(2);
    await openStore(directory, machine()).claim(keyOf('new'), request);
    await expect.poll(() => readdir(directory)).toEqual([current]);
  });

  test.each<[string, string]>([
    ['of another version', 'v2-00000000000000bb'],
    ['with a similar name', 'v1-important'],
    ['with a longer name', 'v1-00000000000000bb-copy'],
    ['with a name in upper case', 'v1-00000000000000BB'],
  ])('is left unchanged when it is one %s', async (_, name) => {
    await mkdir(join(directory, name));
    await age(400);
    await remove();
    expect(await readdir(directory)).toContain(name);
  });

  test('is left unchanged when it contains other files', async () => {
    await mkdir(join(directory, earlier));
    await writeFile(join(directory, earlier, 'notes.txt'), '');
    await age(400);
    await remove();
    expect(await readdir(directory)).toContain(earlier);
  });

  test('is left unchanged when it belongs to another user', async () => {
    await mkdir(join(directory, earlier));
    await age(400);
    fileFaults.owners = { [join(directory, earlier)]: 4_242 };
    await remove();
    expect(await readdir(directory)).toContain(earlier);
  });

  test('is left unchanged when it is a symbolic link or a file', async () => {
    await mkdir(join(directory, 'elsewhere'));
    await symlink(join(directory, 'elsewhere'), join(directory, earlier));
    await writeFile(join(directory, 'v1-00000000000000cc'), '');
    await age(400);
    await remove();
    expect((await readdir(directory)).sort()).toEqual(['elsewhere', current, earlier, 'v1-00000000000000cc']);
  });
});
