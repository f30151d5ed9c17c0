import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TokenStore } from '@instellix/core/store';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { findBlocks } from '../../../../tools/markdown.ts';
import { storeContract } from '../../src/store/store-contract.ts';
import type { StoreHarness } from '../../src/store/store-harness.ts';

const guide = new URL('../../../../docs/writing-a-store.md', import.meta.url);
let folder: string;
let sqliteTokenStore: (file: string) => TokenStore;
let files = 0;

beforeAll(async () => {
  // Inside the project, so that the example finds core.
  folder = await mkdtemp(fileURLToPath(new URL('.run-', import.meta.url)));
  const example = findBlocks(await readFile(guide, 'utf8'), 'ts')[0].code;
  await writeFile(join(folder, 'example.ts'), example);
  ({ sqliteTokenStore } = await import(join(folder, 'example.ts')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function createHarness(): StoreHarness {
  let file = join(folder, `${files++}.db`);
  return {
    open: async () => sqliteTokenStore(file),
    elapse: async (ms) => setTimeout(ms),
    now: () => performance.now(),
    toleranceMs: 2,
    loseData: async () => {
      file = join(folder, `${files++}.db`);
    },
  };
}

describe('the example of docs/writing-a-store.md keeps the store contract', () => {
  for (const { title, verify } of storeContract) test(title, () => verify(createHarness));
});
