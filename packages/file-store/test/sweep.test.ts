import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { VirtualClock } from '@instellix/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileTokenStore } from '../src/file-token-store.ts';
import { gateKeptMs, sweep } from '../src/sweep.ts';

let directory: string;
let clock: VirtualClock;
let store: FileTokenStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sweep-'));
  clock = new VirtualClock(Date.now());
  store = openStore();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const machine = (boot = 'boot') => ({ monotonic: () => clock.monotonic(), now: () => clock.now(), boot });
const openStore = (boot?: string) => new FileTokenStore([directory], machine(boot));
const keyOf = (gate: string) => ({ gate, token: 'token' });
const request = { minIntervalMs: gateKeptMs, leaseMs: 1_000, minRemainingMs: 0 };

async function put(gate: string, remainingMs: number, where = store): Promise<void> {
  const answer = await where.claim(keyOf(gate), request);
  if (answer.outcome !== 'granted') throw new Error('not granted');
  await where.commit(keyOf(gate), { sealed: 'sealed', fence: answer.fence, remainingMs });
}

const files = async () =>
  (await readdir(join(directory, 'v1-boot'), { recursive: true })).map((name) => basename(name));

describe('a gate', () => {
  test('that nobody has used for a day leaves an empty file, and opens again', async () => {
    await put('old', 0);
    await clock.advance(gateKeptMs + 1);
    await sweep(directory, 'v1-boot', machine());
    const emptied = [expect.stringMatching(/^[\da-f]{64}$/), '3'];
    expect(await files()).toEqual(emptied);
    await sweep(directory, 'v1-boot', machine());
    expect(await files()).toEqual(emptied);
    expect(await store.claim(keyOf('old'), request)).toMatchObject({ outcome: 'granted' });
    expect(await store.claim(keyOf('old'), request)).toMatchObject({ outcome: 'wait', because: 'held' });
  });

  test('is remembered for a day, and as long as its token lives', async () => {
    await put('gate', 3 * gateKeptMs);
    await clock.advance(gateKeptMs - 1);
    await put('brief', 0);
    await clock.advance(gateKeptMs - 1);
    await sweep(directory, 'v1-boot', machine());
    expect(await store.read(keyOf('gate'))).toBeDefined();
    expect(await store.claim(keyOf('brief'), request)).toMatchObject({ outcome: 'wait', waitMs: 1 });
  });
});

describe('what an earlier start of the machine has left', () => {
  async function ageAll(days: number): Promise<void> {
    const then = new Date(clock.now() - days * 86_400_000);
    for (const name of await readdir(directory, { recursive: true })) await utimes(join(directory, name), then, then);
  }

  test('is deleted when it is a day old, not before: another machine may be using it', async () => {
    await put('gate', 0);
    await mkdir(join(directory, 'v1-earlier', 'gate'), { recursive: true });
    await ageAll(2);
    const now = new Date(clock.now());
    await utimes(join(directory, 'v1-earlier', 'gate'), now, now);
    await sweep(directory, 'v1-boot', machine());
    expect(await readdir(directory)).toContain('v1-earlier');
    await ageAll(2);
    await sweep(directory, 'v1-boot', machine());
    expect(await readdir(directory)).toEqual(['v1-boot']);
  });

  test('is deleted as new gates come', async () => {
    await put('gate', 0, openStore('earlier'));
    await ageAll(2);
    await openStore().claim(keyOf('new'), request);
    await expect.poll(() => readdir(directory)).toEqual(['v1-boot']);
  });

  test('is left alone when it is another version’s, or not ours', async () => {
    await mkdir(join(directory, 'v2-earlier'));
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await put('gate', 0);
    await ageAll(400);
    await sweep(directory, 'v1-boot', machine());
    expect((await readdir(directory)).sort()).toEqual(['notes.txt', 'v1-boot', 'v2-earlier']);
  });
});
