import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@instellix/emulator';
import type { Sharing, WorkerReport } from './worker.ts';

/** The totals of a fleet. */
export interface FleetResult {
  readonly tokenRequests: number;
  /** Token requests that got a 401 for correct credentials. */
  readonly throttled: number;
  readonly calls: number;
  readonly failed: number;
}

/** The totals of a fleet after one more second. */
export interface FleetMoment extends FleetResult {
  readonly second: number;
  readonly callsPerSecond: number;
}

/** The settings of a fleet. */
export interface FleetOrder {
  readonly workers: number;
  readonly seconds: number;
  readonly sharing: Sharing;
  readonly onSecond: (moment: FleetMoment) => void;
}

/** Short, so that a fleet refreshes its token during the run. */
const tokenTtlSeconds = 8;
const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Runs a fleet against its own emulator, with the throttle of the vendor. */
export async function runFleet({ workers, seconds, sharing, onSecond }: FleetOrder): Promise<FleetResult> {
  await using emulator = await startEmulator({ tokenTtlSeconds });
  let calls = 0;
  let failed = 0;
  const processes = Array.from({ length: workers }, () => {
    const worker = fork(workerFile, [JSON.stringify(sharing)], { env: { ...process.env, ...emulator.env } });
    worker.on('message', (report: WorkerReport) => {
      calls += report.calls;
      failed += report.failed;
    });
    return worker;
  });
  const look = async (): Promise<FleetResult> => ({
    tokenRequests: await emulator.requests.count({ endpoint: 'token' }),
    throttled: await emulator.requests.count({ reason: 'throttled' }),
    calls,
    failed,
  });
  try {
    await Promise.all(processes.map(untilReady));
    for (const worker of processes) worker.send('begin');
    for (let second = 1; second <= seconds; second++) {
      const before = calls;
      await sleep(1_000);
      onSecond({ ...(await look()), second, callsPerSecond: calls - before });
    }
    return await look();
  } finally {
    await Promise.all(processes.map(end));
  }
}

/** Waits for the first message of a worker. A worker that ends before sends none. */
async function untilReady(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit').then(([code]) => {
    throw new Error(`A worker ended with exit code ${code} before it was ready.`);
  });
  await Promise.race([once(worker, 'message'), ended]);
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, 'exit');
  worker.kill();
  await exited;
}
