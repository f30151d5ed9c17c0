import type { Benchmark, BenchmarkOptions, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import { contestants } from './subjects/contestants.ts';
import { instellix } from './subjects/instellix.ts';
import { clockRead } from './subjects/limits.ts';
import type { OpenSubject, Subject } from './subjects/subject.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const defaultRounds = 400;
const warmUpRounds = 10;
/** Milliseconds of processor time: long enough for the clock, short enough for hundreds of rounds. */
const sampleMs = 2;
const warmUpMs = 150;
const fewestReads = 10;
/** An hour, because one of the peers does not reuse a token in its last five minutes. */
const tokenTtlSeconds = 3_600;
const maxTimesTheLimit = 1.15;
/** How far apart the quartiles of the limit's own ratio may lie before a difference of 15 % means little. */
const maxNoise = 0.2;

const secondClockRead: Subject = { ...clockRead, name: 'limit, measured a second time' };
const subjects = [clockRead, secondClockRead, ...contestants];

/** What a call pays for its token when there is nothing to do. */
export const warmRead: Benchmark = {
  title: 'Warm read: what `await getToken()` costs while the token is good',
  async run(options) {
    await using server = await TokenServer.start({
      tokenTtlSeconds,
      throttleWindowMs: vendorThrottleMs,
      tokenDelayMs: 0,
    });
    const lanes: Lane[] = [];
    // One after the other, so that they do not disturb each other.
    for (const subject of subjects) lanes.push(await openLane(subject, server));
    try {
      return await compare(lanes, options);
    } finally {
      for (const { open } of lanes) await open.close();
    }
  },
};

interface Lane {
  readonly subject: Subject;
  readonly open: OpenSubject;
  /** Reads per sample, so that every sample takes about as long. */
  readonly count: number;
  /** Milliseconds of processor time that one read takes, measured over a whole sample. */
  readonly measure: () => Promise<number>;
}

async function openLane(subject: Subject, server: TokenServer): Promise<Lane> {
  const open = subject.open(await server.createCredential());
  await open.getToken();
  const readMany = await importReadLoop(subject);
  const count = await findCount((reads) => readMany(open.getToken, reads));
  return { subject, open, count, measure: async () => (await readMany(open.getToken, count)) / count };
}

/** Each subject has its own loop, compiled for it alone, as in a program that uses one client. */
async function importReadLoop({ name }: Subject): Promise<typeof import('./read-loop.ts').readMany> {
  const loop: typeof import('./read-loop.ts') = await import(`./read-loop.ts?for=${encodeURIComponent(name)}`);
  return loop.readMany;
}

async function findCount(takeMs: (reads: number) => Promise<number>): Promise<number> {
  // Uncompiled code would count as slow, and a count that is too low measures the loop's start instead of the reads.
  for (let warmMs = 0; warmMs < warmUpMs; ) warmMs += await takeMs(fewestReads);
  for (let reads = fewestReads; ; reads *= 2) {
    if ((await takeMs(reads)) >= sampleMs && (await takeMs(reads)) >= sampleMs) return reads;
  }
}

async function compare(lanes: readonly Lane[], options: BenchmarkOptions): Promise<BenchmarkReport> {
  const { rounds = defaultRounds, random, onProgress } = options;
  onProgress(`${rounds} rounds of ${lanes.length} subjects`);
  const times = await interleave({ subjects: lanes, rounds, warmUpRounds, random, measure: (lane) => lane.measure() });
  const yardstick = lanes.find(({ subject }) => subject === clockRead);
  const limitTimes = yardstick ? (times.get(yardstick) ?? []) : [];
  const ratios = lanes.map((lane) => ({
    subject: lane.subject,
    readsPerSample: lane.count,
    ratios: ratiosTo(limitTimes, times.get(lane) ?? []),
  }));
  return report(ratios);
}

interface Ratios {
  readonly subject: Subject;
  readonly readsPerSample: number;
  readonly ratios: readonly number[];
}

function report(results: readonly Ratios[]): BenchmarkReport {
  const summaries = results.map(({ subject, ratios }) => ({ subject, ...summarize(ratios) }));
  const noise = summaries.find(({ subject }) => subject === secondClockRead);
  const isNoisy = noise !== undefined && noise.p75 - noise.p25 > maxNoise;
  const ours = summaries.find(({ subject }) => subject === instellix)?.median ?? Number.NaN;
  const peers = summaries.filter(({ subject }) => subject !== instellix && contestants.includes(subject));
  const fastest = peers.reduce((a, b) => (a.median <= b.median ? a : b));
  return {
    columns: ['subject', 'times the limit: median (quartiles)'],
    rows: summaries.map((summary) => [summary.subject.name, formatRatio(summary)]),
    notes: [
      'Each ratio divides by what the limit took in the same round. The limit is measured twice: how far its second row is from 1 is the noise of this run.',
      ...(isNoisy
        ? ['This machine was busy: the quartiles of one and the same code lie far apart. Run again when it is idle.']
        : []),
      `Tokens live for an hour here: @azure/identity never reuses one in its last 300 s, which is the whole life of the vendor's tokens.`,
    ],
    promises: [
      {
        promise: `at most ${maxTimesTheLimit} times the limit`,
        found: ours.toFixed(2),
        kept: ours <= maxTimesTheLimit,
      },
      {
        promise: 'faster than every peer',
        found: `the fastest one, ${fastest.subject.name}, takes ${(fastest.median / ours).toFixed(2)} times as long`,
        kept: ours < fastest.median,
      },
    ],
    data: results.map(({ subject, readsPerSample, ratios }) => ({ subject: subject.name, readsPerSample, ratios })),
  };
}
