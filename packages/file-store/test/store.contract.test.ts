import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type StoreHarness, storeContract, storeScheduleContractOf, VirtualClock } from '@instellix/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { FileTokenStore, fileTokenStore } from '../src/file-token-store.ts';

let folder: string;
let stores = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-store-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const nextDirectory = () => join(folder, `${stores++}`);

function createRealHarness(): StoreHarness {
  let directory = nextDirectory();
  return {
    open: async () => fileTokenStore({ directory }),
    elapse: async (ms) => setTimeout(ms),
    now: () => performance.now(),
    toleranceMs: 2,
    stepWallClock: async () => {},
    loseData: async () => {
      directory = nextDirectory();
    },
  };
}

/** Real files, and a wall clock that can be stepped. */
function createVirtualHarness(): StoreHarness {
  const clock = new VirtualClock();
  const machine = { monotonic: () => clock.monotonic(), now: () => clock.now(), boot: 'virtual' };
  let directory = nextDirectory();
  return {
    open: async () => new FileTokenStore([directory], machine),
    elapse: (ms) => clock.advance(ms),
    now: () => clock.monotonic(),
    toleranceMs: 0,
    stepWallClock: async (ms) => clock.stepWallClock(ms),
    loseData: async () => {
      directory = nextDirectory();
    },
  };
}

describe('fileTokenStore keeps the store contract', () => {
  for (const { title, verify } of storeContract) test(title, { timeout: 30_000 }, () => verify(createRealHarness));
});

describe('fileTokenStore keeps the store contract while the wall clock is stepped', () => {
  for (const { title, verify } of [...storeContract, ...storeScheduleContractOf(150)]) {
    test(title, { timeout: 60_000 }, () => verify(createVirtualHarness));
  }
});
