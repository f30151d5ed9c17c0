import type { Benchmark, BenchmarkOptions, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, type Summary, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import type { Load, LoadResult } from './proxy-process/load-process.ts';
import type { ProcessUse } from './proxy-process/proxy-process.ts';
import { Worker } from './proxy-process/worker.ts';
import {
  instellixProxySubject,
  type ProxySubject,
  type ProxyTarget,
  proxyLimit,
  proxyPeers,
  proxySubjects,
  secondProxyLimit,
} from './subjects/proxies.ts';

/** The size of a response, and the number of requests per sample. */
interface Size {
  readonly title: string;
  readonly path: string;
  readonly count: number;
  readonly concurrency: number;
}

const rounds = 20;
/** Warm-up requests, during which code is still being compiled. */
const warmUpRounds = 4;
/** The best sample counts, because other processes can only reduce it. */
const samplesPerRound = 5;
const minThroughput = 0.9;

interface Lane {
  readonly subject: ProxySubject;
  readonly port: number;
  readonly worker: Worker<'use', ProcessUse>;
}

interface Result extends Summary {
  readonly subject: ProxySubject;
  readonly ratios: readonly number[];
}

/** The throughput of the guarded proxy relative to an unguarded one. */
function createThroughput(size: Size): Benchmark {
  return {
    title: `Proxy throughput: responses of ${size.title}, ${size.concurrency} at a time`,
    async run(options) {
      const { worker: api, greeting: target } = await Worker.start<never, never, ProxyTarget>('api-process.ts');
      const { worker: load } = await Worker.start<Load, LoadResult>('load-process.ts');
      const lanes: Lane[] = [];
      try {
        for (const subject of proxySubjects) lanes.push(await openLane(subject, target));
        return report(size, await measure(lanes, load, size, options));
      } finally {
        for (const { worker } of lanes) await worker[Symbol.asyncDispose]();
        await load[Symbol.asyncDispose]();
        await api[Symbol.asyncDispose]();
      }
    },
  };
}

/** Starts a proxy in its own process. */
export async function openLane(subject: ProxySubject, target: ProxyTarget) {
  const { worker, greeting } = await Worker.start<'use', ProcessUse, number>(
    'proxy-process.ts',
    subject.name,
    JSON.stringify(target),
  );
  return { subject, port: greeting, worker };
}

async function measure(
  lanes: readonly Lane[],
  load: Worker<Load, LoadResult>,
  { path, count, concurrency }: Size,
  { random, onProgress, rounds: given = rounds }: BenchmarkOptions,
): Promise<Result[]> {
  onProgress(`${given} rounds of ${lanes.length} subjects`);
  const perSecond = async ({ port, worker }: Lane) => {
    const found: number[] = [];
    for (let i = 0; i < samplesPerRound; i++) {
      const before = await worker.ask('use');
      await load.ask({ port, path, count, concurrency });
      const { processorMs } = await worker.ask('use');
      found.push((count / (processorMs - before.processorMs)) * 1_000);
    }
    return Math.max(...found);
  };
  const found = await interleave({ subjects: lanes, rounds: given, warmUpRounds, random, measure: perSecond });
  const of = (subject: ProxySubject) => [...found].find(([lane]) => lane.subject === subject)?.[1] ?? [];
  return proxySubjects.map((subject) => {
    const ratios = ratiosTo(of(proxyLimit), of(subject));
    return { subject, ratios, ...summarize(ratios) };
  });
}

function report({ title }: Size, results: readonly Result[]): BenchmarkReport {
  const of = (subject: ProxySubject) => results.find((result) => result.subject === subject) as Result;
  const ours = of(instellixProxySubject);
  const noise = of(secondProxyLimit);
  const least = minThroughput - (noise.p75 - noise.p25) / 2;
  // Compared within the same round, not through the limit, whose noise would count twice.
  const [closest, lead] = proxyPeers
    .map((peer) => [peer, summarize(ratiosTo(of(peer).ratios, ours.ratios))] as const)
    .reduce((first, second) => (second[1].median < first[1].median ? second : first));
  return {
    columns: ['subject', 'throughput, of the limit: median (quartiles)'],
    rows: results.map((result) => [result.subject.name, formatRatio(result)]),
    notes: [
      'More is better: requests per second of processor time of the process that the proxy runs in, which a busy machine does',
      'hardly lengthen; of five samples in each round the best. API and load have processes of their own, on bare sockets. The',
      'second row of the limit is the noise.',
      'Ours matches path and query, calls authorize, selects headers and manages its token; the others send a fixed one.',
    ],
    promises: [
      {
        promise: `at least ${minThroughput} of the limit at ${title}, but for half the noise`,
        found: `${ours.median.toFixed(2)}, of ${least.toFixed(2)}`,
        kept: ours.median >= least,
      },
      {
        promise: `ahead of every peer at ${title}, or level with it within the noise`,
        found: `${formatRatio(lead)} times the closest, ${closest.name}`,
        kept: lead.p75 >= 1,
      },
    ],
    data: results.map(({ subject, ratios }) => ({ subject: subject.name, ratios })),
  };
}

export const expressProxySmall: Benchmark = createThroughput({
  title: '200 B',
  path: '/items/200?limit=1',
  count: 2_000,
  concurrency: 32,
});

export const expressProxyLarge: Benchmark = createThroughput({
  title: '1 MiB',
  path: `/items/${2 ** 20}?limit=1`,
  count: 100,
  concurrency: 8,
});
