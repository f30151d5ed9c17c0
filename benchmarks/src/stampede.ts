import type { Benchmark, BenchmarkOptions, BenchmarkReport } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { quantile, ratiosTo, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import { contestants } from './subjects/contestants.ts';
import { instellix } from './subjects/instellix.ts';
import { oneRequest } from './subjects/limits.ts';
import type { Subject } from './subjects/subject.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const callers = 10_000;
const warmUpCallers = 100;
const defaultRounds = 9;
/** A subject with more requests takes many seconds per stampede, so that it runs once. */
const fewRequests = 100;
const subjects = [oneRequest, ...contestants];

/** All callers request the first token at once. */
export const stampede: Benchmark = {
  title: `Stampede: ${callers.toLocaleString('en')} callers at once, and no token yet`,
  async run(options) {
    const throttled = await runRounds(vendorThrottleMs, options);
    const unthrottled = await runRounds(0, options);
    return report(throttled, unthrottled);
  },
};

interface Outcome {
  readonly tokenRequests: number;
  readonly failures: number;
  readonly tookMs: number;
}

/** The counts of one subject over all rounds. */
interface Result {
  readonly subject: string;
  readonly tokenRequests: readonly number[];
  readonly failures: readonly number[];
  /** Times the limit of the same round. */
  readonly ratios: readonly number[];
}

async function runRounds(throttleWindowMs: number, options: BenchmarkOptions): Promise<Result[]> {
  const { rounds = defaultRounds, random, onProgress } = options;
  onProgress(`${rounds} rounds, throttle ${throttleWindowMs > 0 ? 'on' : 'off'}`);
  await using server = await startServer(throttleWindowMs);
  await interleave({ subjects, rounds: 1, random, measure: (subject) => measure(subject, server, warmUpCallers) });
  const first = await interleave({
    subjects,
    rounds: 1,
    random,
    measure: (subject) => measureAlone(subject, throttleWindowMs),
  });
  const isQuick = (subject: Subject) => first.get(subject)?.every(({ tokenRequests }) => tokenRequests <= fewRequests);
  const quick = subjects.filter(isQuick);
  const further = await interleave({
    subjects: quick,
    rounds: rounds - 1,
    random,
    measure: (subject) => measure(subject, server, callers),
  });
  const outcomesOf = (subject: Subject) => [...(first.get(subject) ?? []), ...(further.get(subject) ?? [])];
  const limits = outcomesOf(oneRequest);
  return subjects.map((subject) => summarizeOutcomes(subject, outcomesOf(subject), limits));
}

function startServer(throttleWindowMs: number): Promise<TokenServer> {
  return TokenServer.start({ tokenTtlSeconds: 3_600, throttleWindowMs, tokenDelayMs: 0 });
}

/** Each subject has its own server, so that the ten thousand sockets of one do not slow down the next. */
async function measureAlone(subject: Subject, throttleWindowMs: number): Promise<Outcome> {
  await using server = await startServer(throttleWindowMs);
  return await measure(subject, server, callers);
}

async function measure(subject: Subject, server: TokenServer, callers: number): Promise<Outcome> {
  const credential = await server.createCredential();
  const open = subject.open(credential);
  const startedAt = performance.now();
  const outcomes = await Promise.allSettled(Array.from({ length: callers }, () => open.getToken()));
  const tookMs = performance.now() - startedAt;
  const { total } = await server.countTokenRequests(credential.clientId);
  await open.close();
  return { tokenRequests: total, failures: outcomes.filter(({ status }) => status === 'rejected').length, tookMs };
}

function summarizeOutcomes(subject: Subject, outcomes: readonly Outcome[], limits: readonly Outcome[]): Result {
  const timesOf = (all: readonly Outcome[]) => all.map(({ tookMs }) => tookMs);
  return {
    subject: subject.name,
    tokenRequests: outcomes.map(({ tokenRequests }) => tokenRequests),
    failures: outcomes.map(({ failures }) => failures),
    ratios: ratiosTo(timesOf(limits), timesOf(outcomes)),
  };
}

function report(throttled: readonly Result[], unthrottled: readonly Result[]): BenchmarkReport {
  const ours = [...throttled, ...unthrottled].filter(({ subject }) => subject === instellix.name);
  const maxRequests = Math.max(...ours.flatMap(({ tokenRequests }) => tokenRequests));
  const maxFailures = Math.max(...ours.flatMap(({ failures }) => failures));
  return {
    columns: [
      'subject',
      'throttle on: token requests',
      'failed callers',
      'times the limit',
      'throttle off: token requests',
      'failed callers',
      'times the limit',
    ],
    rows: throttled.map((result, i) => {
      const other = unthrottled[i];
      return [result.subject, ...cellsOf(result), ...(other ? cellsOf(other) : [])];
    }),
    notes: [
      'Medians over the rounds. A time is shown only where every caller got its token: failing is no way to be fast.',
      `With the throttle on, as at the vendor, a second token request within ${vendorThrottleMs / 1000} s gets a 401 (F8).`,
    ],
    promises: [
      { promise: `1 token request for ${callers} callers`, found: String(maxRequests), kept: maxRequests === 1 },
      { promise: 'no failed caller', found: String(maxFailures), kept: maxFailures === 0 },
    ],
    data: { throttled, unthrottled },
  };
}

function cellsOf({ tokenRequests, failures, ratios }: Result): string[] {
  return [
    String(Math.round(quantile(tokenRequests, 0.5))),
    String(Math.round(quantile(failures, 0.5))),
    failures.some((count) => count > 0) ? '-' : formatRatio(summarize(ratios)),
  ];
}
