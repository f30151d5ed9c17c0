import type { Benchmark, BenchmarkOptions, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import { Worker } from './proxy-process/worker.ts';
import {
  bareFetch,
  type FetchSubject,
  fetchSubjects,
  instellixFetch,
  type OpenFetch,
  secondBareFetch,
} from './subjects/fetches.ts';
import type { ProxyTarget } from './subjects/proxies.ts';
import { undiciSubjects, undiciWithInterceptor } from './subjects/undici-requests.ts';

type FetchLoop = typeof import('./fetch-loop.ts');

/** Many short samples: a disturbance then affects few of them, which the median ignores. */
const defaultRounds = 400;
const warmUpRounds = 20;
/** Calls per sample, by concurrency. */
const callsPerSample = { 1: 50, 64: 128 };

/** The calls per second, compared with those of a bare `fetch`. */
interface Question {
  readonly name: string;
  readonly subjects: readonly FetchSubject[];
  readonly ours: FetchSubject;
  readonly concurrency: 1 | 64;
  /** The minimum throughput of ours, relative to the limit. */
  readonly minThroughput: number;
}

interface Lane extends OpenFetch {
  readonly subject: FetchSubject;
  /** Compiled for this subject alone, as in a program that uses one. */
  readonly loop: FetchLoop;
}

/** The cost of whole calls, compared with `fetch` and a static header. */
function createLoopback(question: Question): Benchmark {
  const { name, subjects, concurrency } = question;
  return {
    title: `${name} over loopback: ${concurrency === 1 ? 'one call at a time' : `${concurrency} calls at a time`}`,
    async run(options) {
      const { worker, greeting } = await Worker.start<never, never, ProxyTarget>('api-process.ts');
      const lanes: Lane[] = [];
      try {
        for (const subject of subjects) lanes.push(await openLane(subject, greeting));
        return await compare(lanes, question, options);
      } finally {
        for (const lane of lanes) await lane.close();
        await worker[Symbol.asyncDispose]();
      }
    },
  };
}

async function openLane(subject: FetchSubject, target: ProxyTarget): Promise<Lane> {
  const loop: FetchLoop = await import(`./fetch-loop.ts?for=${encodeURIComponent(subject.name)}`);
  return { subject, loop, ...(await subject.open(target, '/items/200')) };
}

async function compare(
  lanes: readonly Lane[],
  question: Question,
  { rounds = defaultRounds, random, onProgress }: BenchmarkOptions,
): Promise<BenchmarkReport> {
  const { concurrency, subjects } = question;
  onProgress(`${rounds} rounds of ${lanes.length} subjects`);
  const measure = ({ loop, call }: Lane) => loop.fetchConcurrently(call, callsPerSample[concurrency], concurrency);
  const times = await interleave({ subjects: lanes, rounds, warmUpRounds, random, measure });
  const timesOf = (subject: FetchSubject) => [...times].find(([lane]) => lane.subject === subject)?.[1] ?? [];
  // A throughput is the inverse of a time: the limit's time is divided by the subject's.
  const results = subjects.map((subject) => ({
    subject,
    ratios: ratiosTo(timesOf(subject), timesOf(bareFetch)),
  }));
  return report(question, results);
}

function report(
  { ours: subject, minThroughput }: Question,
  results: readonly { subject: FetchSubject; ratios: readonly number[] }[],
): BenchmarkReport {
  const summaries = results.map(({ subject, ratios }) => ({ subject, ...summarize(ratios) }));
  const medianOf = (subject: FetchSubject) =>
    summaries.find((summary) => summary.subject === subject)?.median ?? Number.NaN;
  const ours = medianOf(subject);
  return {
    columns: ['subject', 'throughput, of the limit: median (quartiles)'],
    rows: summaries.map((summary) => [summary.subject.name, formatRatio(summary)]),
    notes: [
      'More is better. Each call goes over loopback to a server on bare sockets in its own process, and its body of 200 B is read.',
      'Each ratio compares samples of the same round. The second row of the limit is the noise.',
    ],
    promises: [
      {
        promise: `at least ${minThroughput} of a bare fetch with a static header`,
        found: `${ours.toFixed(3)}; the limit, measured a second time: ${medianOf(secondBareFetch).toFixed(3)}`,
        kept: ours >= minThroughput,
      },
    ],
    data: results.map(({ subject, ratios }) => ({ subject: subject.name, ratios })),
  };
}

const fetchQuestion = { name: 'Fetch', subjects: fetchSubjects, ours: instellixFetch, minThroughput: 0.95 };
export const fetchLoopback: Benchmark = createLoopback({ ...fetchQuestion, concurrency: 1 });
export const fetchLoopbackConcurrent: Benchmark = createLoopback({ ...fetchQuestion, concurrency: 64 });

const undiciQuestion = { name: 'undici', subjects: undiciSubjects, ours: undiciWithInterceptor };
export const undiciLoopback: Benchmark = createLoopback({ ...undiciQuestion, concurrency: 1, minThroughput: 1.4 });
export const undiciLoopbackConcurrent: Benchmark = createLoopback({
  ...undiciQuestion,
  concurrency: 64,
  minThroughput: 1.6,
});
