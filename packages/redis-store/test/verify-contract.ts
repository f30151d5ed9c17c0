import { storeContract } from '@instellix/testing';
import { afterAll, beforeAll, test } from 'vitest';
import type { OpenConnection } from './connections.ts';
import { createRedisHarness } from './redis-harness.ts';

/** Runs the store contract with stores that use these connections in turn. */
export function verifyContract(connect: () => Promise<OpenConnection[]>): void {
  const open: OpenConnection[] = [];
  beforeAll(async () => {
    open.push(...(await connect()));
  });
  afterAll(() => {
    for (const { close } of open) close();
  });
  for (const { title, verify } of storeContract) {
    test(title, { timeout: 30_000 }, () => verify(() => createRedisHarness(open)));
  }
}
