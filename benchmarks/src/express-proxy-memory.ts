import { openLane } from './express-proxy.ts';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import type { Load, LoadResult } from './proxy-process/load-process.ts';
import { Worker } from './proxy-process/worker.ts';
import {
  compressedInstellixProxy,
  compressedLimit,
  instellixProxySubject,
  type ProxySubject,
  type ProxyTarget,
  proxyLimit,
} from './subjects/proxies.ts';

const mebibyte = 2 ** 20;
/** V8 collects buffers when it sees fit, so the same proxy differs by this much from run to run. */
const noise = 1.25;

/** What is read, and by whom. */
interface Task {
  readonly title: string;
  readonly load: Omit<Load, 'port'>;
  /** The limit, and ours. */
  readonly subjects: readonly [ProxySubject, ProxySubject];
}

const plain = [proxyLimit, instellixProxySubject] as const;
const slowReaders = {
  path: `/items/${50 * mebibyte}`,
  count: 100,
  concurrency: 100,
  bytesPerPause: 64 * 1024,
  pauseMs: 20,
};

const tasks: readonly Task[] = [
  { title: '100 slow readers of 50 MiB', load: slowReaders, subjects: plain },
  {
    title: '100 slow readers of 50 MiB, compressed',
    load: { ...slowReaders, isCompressed: true },
    subjects: [compressedLimit, compressedInstellixProxy],
  },
  {
    title: 'one response of 5 GiB',
    load: { path: `/items/${5 * 1024 * mebibyte}`, count: 1, concurrency: 1 },
    subjects: plain,
  },
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
  title: 'Proxy memory: slow readers, and long responses',
  async run({ onProgress }) {
    const { worker: api, greeting: target } = await Worker.start<never, never, ProxyTarget>('api-process.ts');
    const { worker: load } = await Worker.start<Load, LoadResult>('load-process.ts');
    try {
      const found: Found[] = [];
      for (const task of tasks) {
        for (const subject of task.subjects) {
          onProgress(`${task.title}: ${subject.name}`);
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
      'Each row has its own process, with Node, Express and the proxy in it. Most of what is added is garbage: V8 lets some',
      '64 MiB of buffers accumulate before it looks for them, and more on a busy machine.',
    ],
    promises: tasks.map((task) => {
      const [limit = 0, ours = 0] = task.subjects.map(
        (subject) => found.find((each) => each.task === task && each.subject === subject)?.peak,
      );
      return {
        promise: `${task.title} in no more memory than under Express with bare undici, but for the noise`,
        found: `${(ours / limit).toFixed(2)} times as much`,
        kept: ours <= limit * noise,
      };
    }),
    data: found.map(({ task, subject, ...rest }) => ({ task: task.title, subject: subject.name, ...rest })),
  };
}
