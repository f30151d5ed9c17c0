import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { build } from 'esbuild';
import type { WorkerMessage, WorkerOrder } from './worker.ts';

/**
 * A shorter throttle than the vendor's, and the interval of the clients. The difference is more than a process is stopped for, or delayed
 * on a busy machine, between the time that it writes down for its token request and the request.
 */
export const throttleWindowMs = 200;
const minIntervalMs = 450;
export const longestStopMs = 200;

/** A process, and the messages that it has sent. */
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

  /** Waits until it has sent a message of this type so many times. */
  async received(type: WorkerMessage['type'], times = 1): Promise<void> {
    while (this.count(type) < times) await once(this.process, 'message', { signal: AbortSignal.timeout(60_000) });
  }

  /** Stops it for a while, like a suspended container. */
  async freeze(ms: number): Promise<void> {
    this.process.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.process.kill('SIGCONT');
  }

  /** Lets it end by itself. Returns its last token. */
  async end(): Promise<string> {
    const exited = once(this.process, 'exit');
    this.process.send('end');
    await this.received('ended');
    await exited;
    return this.messages.findLast((message) => message.type === 'ended')?.token ?? '';
  }
}

/** Processes that share a directory, and the emulator that they call. */
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
    // A single file starts several times faster than a hundred.
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

  /** Starts workers, which wait for the message `begin`. */
  async start(count: number): Promise<Worker[]> {
    const env = { PATH: process.env['PATH'], ...this.emulator.env };
    const started = Array.from({ length: count }, () => new Worker(this.#script, this.#order, env));
    this.workers.push(...started);
    await Promise.all(started.map((worker) => worker.received('ready')));
    return started;
  }

  /** When tokens were issued, and how many requests were throttled. */
  async summarize(): Promise<{ issuedAt: number[]; throttled: number; shortestGapMs: number }> {
    const requests = await this.emulator.requests.list({ endpoint: 'token' });
    const issuedAt = requests.filter(({ reason }) => reason === 'issued').map(({ at }) => at);
    const gaps = issuedAt.slice(1).map((at, index) => at - (issuedAt[index] ?? 0));
    const throttled = requests.filter(({ reason }) => reason === 'throttled').length;
    return { issuedAt, throttled, shortestGapMs: Math.min(...gaps) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { process } of this.workers) if (process.exitCode === null) process.kill('SIGKILL');
    await this.emulator.close();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
