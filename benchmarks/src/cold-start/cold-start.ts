import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Benchmark, BenchmarkReport } from '../harness/benchmark.ts';
import { interleave } from '../harness/interleave.ts';
import { instellix } from '../subjects/instellix.ts';
import { instellixIn } from '../subjects/instellix-file-store.ts';
import { openidClientSharingRequests } from '../subjects/openid-client.ts';
import { simpleOauth2 } from '../subjects/simple-oauth2.ts';
import { TokenServer, vendorThrottleMs } from '../token-server/token-server.ts';
import type { WorkerOrder, WorkerResult } from './worker.ts';

const processCount = 8;
const defaultRounds = 3;
const ours = instellixIn('').name;
const subjects = [ours, instellix.name, openidClientSharingRequests.name, simpleOauth2.name];
const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

interface Outcome {
  readonly tokenRequests: number;
  readonly throttled: number;
  readonly failed: number;
}

/** All workers of a machine start at once. */
export const coldStart: Benchmark = {
  title: `Cold start: ${processCount} processes at once, and no token yet`,
  async run({ rounds = defaultRounds, random, onProgress }) {
    onProgress(`${rounds} rounds`);
    await using server = await TokenServer.start({
      tokenTtlSeconds: 3_600,
      throttleWindowMs: vendorThrottleMs,
      tokenDelayMs: 0,
    });
    const outcomes = await interleave({ subjects, rounds, random, measure: (subject) => measure(subject, server) });
    return report(outcomes);
  },
};

async function measure(subject: string, server: TokenServer): Promise<Outcome> {
  const credential = await server.createCredential();
  const folder = await mkdtemp(join(tmpdir(), 'cold-start-'));
  const order: WorkerOrder = { subject, credential, directory: join(folder, 'store') };
  const workers = Array.from({ length: processCount }, () => fork(workerFile, [JSON.stringify(order)]));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const results = workers.map((worker) => once(worker, 'message') as Promise<WorkerResult[]>);
  for (const worker of workers) worker.send('begin');
  const failed = (await Promise.all(results)).filter(
    ([result]) => result && 'failed' in result && result.failed,
  ).length;
  await Promise.all(workers.map((worker) => worker.exitCode ?? once(worker, 'exit')));
  await rm(folder, { recursive: true, force: true });
  const { total, throttled } = await server.countTokenRequests(credential.clientId);
  return { tokenRequests: total, throttled, failed };
}

function report(outcomes: ReadonlyMap<string, readonly Outcome[]>): BenchmarkReport {
  const worst = (subject: string, of: (outcome: Outcome) => number) =>
    Math.max(...(outcomes.get(subject) ?? []).map(of));
  const most = worst(ours, ({ tokenRequests }) => tokenRequests);
  return {
    columns: ['subject', 'token requests', 'throttled responses', 'processes without a token'],
    rows: subjects.map((subject) => [
      subject,
      String(worst(subject, ({ tokenRequests }) => tokenRequests)),
      String(worst(subject, ({ throttled }) => throttled)),
      String(worst(subject, ({ failed }) => failed)),
    ]),
    notes: ['The worst of all rounds; each process requests one token.'],
    promises: [{ promise: `1 token request for ${processCount} processes`, found: String(most), kept: most === 1 }],
    data: Object.fromEntries(outcomes),
  };
}
