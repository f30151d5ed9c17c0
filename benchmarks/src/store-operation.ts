import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryTokenStore, type TokenStore } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { redisTokenStore } from '@instellix/redis-store';
import { RedisServer } from '@instellix/testing/servers';
import { createClient } from 'redis';
import { findProgram } from '../../tools/skipped-tests/requirements.ts';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';

const defaultRounds = 100;
const perSample = 50;
const key = { gate: 'a'.repeat(64), token: 'b'.repeat(64) };
const ciphertext = 'c'.repeat(300);
const request = { minIntervalMs: 0, leaseMs: 60_000, minRemainingMs: 0 };
const limit = 'limit: readFile of a small file';

type Operation = () => Promise<unknown>;

/** What an operation of a store costs, beside reading one small file. */
export const storeOperation: Benchmark = {
  title: 'Store operation: what a claim, a token found and a token written cost',
  async run({ rounds = defaultRounds, random, onProgress }) {
    onProgress(`${rounds} rounds`);
    await using server = findProgram('redis-server') ? await RedisServer.start() : undefined;
    const connection = server && (await createClient({ url: server.url }).connect());
    const folder = await mkdtemp(join(tmpdir(), 'store-operation-'));
    try {
      const file = join(folder, 'small');
      await writeFile(file, ciphertext);
      const operations = new Map<string, Operation>([[limit, () => readFile(file, 'utf8')]]);
      await addOperations(operations, 'memory', memoryTokenStore());
      await addOperations(operations, 'file', fileTokenStore({ directory: join(folder, 'store') }));
      if (connection) await addOperations(operations, 'redis', redisTokenStore(connection));
      const measure = (name: string) => time(operations.get(name) as Operation);
      return report(
        await interleave({ subjects: [...operations.keys()], rounds, random, measure }),
        server !== undefined,
      );
    } finally {
      connection?.destroy();
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function addOperations(operations: Map<string, Operation>, name: string, store: TokenStore): Promise<void> {
  let fence = 0;
  const refresh = async () => {
    const result = await store.claim(key, { ...request, knownFence: fence });
    if (result.outcome !== 'granted') throw new Error(`The ${name} store did not grant a claim.`);
    fence = result.fence;
    await store.commit(key, { ciphertext, remainingMs: 3_600_000, fence });
  };
  await refresh();
  operations.set(`${name}: a token found`, () => store.claim(key, request));
  operations.set(`${name}: a claim and its token written`, refresh);
}

async function time(operation: Operation): Promise<number> {
  const startedAt = performance.now();
  for (let turn = 0; turn < perSample; turn++) await operation();
  return (performance.now() - startedAt) / perSample;
}

function report(times: ReadonlyMap<string, readonly number[]>, hasRedis: boolean): BenchmarkReport {
  const limits = times.get(limit) ?? [];
  const ratios = new Map([...times].map(([name, each]) => [name, ratiosTo(limits, each)]));
  return {
    columns: ['operation', 'times the limit: median (quartiles)'],
    rows: [...ratios].map(([name, each]) => [name, formatRatio(summarize(each))]),
    notes: [
      'In a lifetime, each process finds a token about once; one of them claims and writes it.',
      hasRedis
        ? 'Redis is on this machine: to one elsewhere, add a round trip, twice for a claim and its token.'
        : 'LEFT OUT: redis. There is no redis-server on this machine.',
    ],
    promises: [],
    data: Object.fromEntries(ratios),
  };
}
