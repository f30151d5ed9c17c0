import { openLane } from './express-proxy.ts';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import type { Load, LoadResult } from './proxy-process/load-process.ts';
import { Worker } from './proxy-process/worker.ts';
import { instellixProxySubject, type ProxySubject, type ProxyTarget, proxyLimit } from './subjects/proxies.ts';

const mebibyte = 2 ** 20;
const mostMemory = 160 * mebibyte;

/** What is read, and by whom. */
interface Task {
  readonly title: string;
  readonly load: Omit<Load, 'port'>;
}

const tasks: readonly Task[] = [
  {
    title: '100 slow readers of 50 MiB',
    load: { path: `/items/${50 * mebibyte}`, count: 100, concurrency: 100, bytesPerPause: 64 * 1024, pauseMs: 20 },
  },
  { title: 'one answer of 5 GiB', load: { path: `/items/${5 * 1024 * mebibyte}`, count: 1, concurrency: 1 } },
];

interface Found {
  readonly task: Task;
  readonly subject: ProxySubject;
  /** Resident memory before the first request, and the most that there was, bytes. */
  readonly idle: number;
  readonly peak: number;
  readonly bytes: number;
}

/** How much memory a proxy needs for what passes through it. */
export const expressProxyMemory: Benchmark = {
  title: 'Proxy memory: slow readers, and long answers',
  async run({ tell }) {
    const { worker: api, greeting: target } = await Worker.start<never, never, ProxyTarget>('api-process.ts');
    const { worker: load } = await Worker.start<Load, LoadResult>('load-process.ts');
    try {
      const found: Found[] = [];
      for (const task of tasks) {
        for (const subject of [proxyLimit, instellixProxySubject]) {
          tell(`${task.title}: ${subject.name}`);
          await leaveCompiled(subject, target);
          found.push(await measure(task, subject, target, load));
        }
      }
      return report(found);
    } finally {
      await load[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    }
  },
};

/** So that the process that is measured compiles nothing. */
async function leaveCompiled(subject: ProxySubject, target: ProxyTarget): Promise<void> {
  const { worker } = await openLane(subject, target);
  await worker[Symbol.asyncDispose]();
}

async function measure(
  task: Task,
  subject: ProxySubject,
  target: ProxyTarget,
  load: Worker<Load, LoadResult>,
): Promise<Found> {
  const { port, worker } = await openLane(subject, target);
  try {
    const { peakBytes: idle } = await worker.ask('use');
    const { bytes } = await load.ask({ port, ...task.load });
    const { peakBytes: peak } = await worker.ask('use');
    return { task, subject, bytes, idle, peak };
  } finally {
    await worker[Symbol.asyncDispose]();
  }
}

function report(found: readonly Found[]): BenchmarkReport {
  const inMebibytes = (bytes: number) => `${Math.round(bytes / mebibyte)} MiB`;
  return {
    columns: ['what is read', 'subject', 'passed through', 'resident before', 'at most', 'added'],
    rows: found.map(({ task, subject, bytes, idle, peak }) => [
      task.title,
      subject.name,
      inMebibytes(bytes),
      inMebibytes(idle),
      inMebibytes(peak),
      inMebibytes(peak - idle),
    ]),
    notes: [
      'Each row has a process of its own, with Node, Express and the proxy in it. Most of what the limit adds is garbage: V8 lets',
      '64 MiB of buffers pile up before it looks for them, and longer on a busy machine. Ours gives them back as they are sent.',
    ],
    promises: found
      .filter(({ subject }) => subject === instellixProxySubject)
      .map(({ task, peak }) => ({
        promise: `${task.title} in at most ${inMebibytes(mostMemory)}`,
        found: inMebibytes(peak),
        kept: peak <= mostMemory,
      })),
    data: found.map(({ task, subject, ...rest }) => ({ task: task.title, subject: subject.name, ...rest })),
  };
}
