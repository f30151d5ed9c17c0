import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  type ClockedStoreHarness,
  type StoreHarness,
  storeClockContract,
  storeContract,
  storeScheduleContractOf,
  VirtualClock,
  virtualTime,
} from '@instellix/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { fileTokenStore } from '../src/file-token-store.ts';
import { openStore } from './open-store.ts';

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
    // `Date.now` shows whole milliseconds, and timers may fire up to a millisecond early.
    toleranceMs: 2,
    loseData: async () => {
      directory = nextDirectory();
    },
  };
}

/** Real files, and virtual clocks. */
function createVirtualHarness(): ClockedStoreHarness {
  const clock = new VirtualClock();
  const machine = { monotonic: () => clock.monotonic(), now: () => clock.now(), boot: '00000000000000aa' };
  let directory = nextDirectory();
  return {
    open: async () => openStore(directory, machine),
    ...virtualTime(clock),
    loseData: async () => {
      directory = nextDirectory();
    },
  };
}

describe('fileTokenStore keeps the store contract', () => {
  for (const { title, verify } of storeContract) test(title, () => verify(createRealHarness));
});

describe('fileTokenStore keeps the store contract on virtual clocks', () => {
  for (const { title, verify } of [...storeContract, ...storeClockContract, ...storeScheduleContractOf(150)]) {
    test(title, { timeout: 60_000 }, () => verify(createVirtualHarness));
  }
});
