import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { build } from 'esbuild';
import type { WorkerMessage, WorkerOrder } from './worker.ts';

/** The vendor's throttle, faster; and how far clients keep from it. */
export const throttleWindowMs = 400;
const minIntervalMs = 450;

/** One process, and what it has told. */
export class Worker {
  readonly messages: WorkerMessage[] = [];
  readonly process: ChildProcess;

  constructor(script: string, order: WorkerOrder, env: NodeJS.ProcessEnv) {
    this.process = fork(script, [JSON.stringify(order)], {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.process.on('message', (message: WorkerMessage) => this.messages.push(message));
  }

  count(type: WorkerMessage['type']): number {
    return this.messages.filter((message) => message.type === type).length;
  }

  /** Waits until it has told something so many times. */
  async told(type: WorkerMessage['type'], times = 1): Promise<void> {
    while (this.count(type) < times) await once(this.process, 'message', { signal: AbortSignal.timeout(60_000) });
  }

  /** Stops it for a while, as a suspended container is. */
  async freeze(ms: number): Promise<void> {
    this.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.process.kill('SIGCONT');
  }

  /** Lets it end by itself; answers the token that it had last. */
  async end(): Promise<string> {
    const exited = once(this.process, 'exit');
    this.process.send('end');
    await this.told('ended');
    await exited;
    return this.messages.findLast((message) => message.type === 'ended')?.token ?? '';
  }
}

/** Processes that share a directory, and the emulator that judges them. */
export class Fleet implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly workers: Worker[] = [];
  readonly #folder: string;
  readonly #order: WorkerOrder;
  readonly #script: string;

  private constructor(emulator: Emulator, folder: string, order: WorkerOrder, script: string) {
    this.emulator = emulator;
    this.#folder = folder;
    this.#order = order;
    this.#script = script;
  }

  static async create(order: { timeoutMs: number; pauseMs: number; tokenTtlSeconds: number }): Promise<Fleet> {
    const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
    const script = join(folder, 'worker.mjs');
    // One file starts several times faster than a hundred, which counts when there are many.
    await build({
      entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['@instellix/source'],
    });
    const { timeoutMs, pauseMs, tokenTtlSeconds } = order;
    const emulator = await startEmulator({ tokenTtlSeconds, throttleWindowMs });
    const tokenRequest = { timeoutMs, minIntervalMs };
    return new Fleet(emulator, folder, { directory: join(folder, 'store'), tokenRequest, pauseMs }, script);
  }

  /** Starts workers, which wait to be told to begin. */
  async start(count: number): Promise<Worker[]> {
    const env = { PATH: process.env['PATH'], ...this.emulator.env };
    const started = Array.from({ length: count }, () => new Worker(this.#script, this.#order, env));
    this.workers.push(...started);
    await Promise.all(started.map((worker) => worker.told('ready')));
    return started;
  }

  /** When tokens were issued, and what the throttle had to say. */
  async judge(): Promise<{ issuedAt: number[]; throttled: number; shortestGapMs: number }> {
    const journal = await this.emulator.requests.list({ endpoint: 'token' });
    const issuedAt = journal.filter(({ reason }) => reason === 'issued').map(({ at }) => at);
    const gaps = issuedAt.slice(1).map((at, index) => at - (issuedAt[index] ?? 0));
    const throttled = journal.filter(({ reason }) => reason === 'throttled').length;
    return { issuedAt, throttled, shortestGapMs: Math.min(...gaps) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.workers) if (process.exitCode === null) process.kill('SIGKILL');
    await this.emulator.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
