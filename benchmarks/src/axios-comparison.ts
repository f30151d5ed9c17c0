import type { CreateAxiosDefaults } from 'axios';
import type { BenchmarkOptions, BenchmarkReport, Promised } from './harness/benchmark.ts';
import { interleave } from './harness/interleave.ts';
import { ratiosTo, type Summary, summarize } from './harness/statistics.ts';
import { formatRatio } from './harness/table.ts';
import {
  type AxiosSubject,
  axiosPeers,
  instellixAxios,
  type OpenAxios,
  staticHeader,
} from './subjects/axios-instances.ts';
import type { TokenServer } from './token-server/token-server.ts';

type CallLoop = typeof import('./call-loop.ts');

const warmUpRounds = 10;
const secondStaticHeader: AxiosSubject = { ...staticHeader, name: 'limit, measured a second time' };
const subjects = [staticHeader, secondStaticHeader, instellixAxios, ...axiosPeers];

/** One subject, set up. */
export interface AxiosLane {
  readonly subject: AxiosSubject;
  readonly open: OpenAxios;
  /** Compiled for this subject alone, as in a program that uses one. */
  readonly loop: CallLoop;
}

/** How {@link compareAxios} measures. */
export interface AxiosComparison {
  readonly server: TokenServer;
  readonly defaults: (apiUrl: string) => CreateAxiosDefaults;
  readonly rounds: number;
  /** Milliseconds, of the same kind for all subjects. */
  readonly measure: (lane: AxiosLane) => Promise<number>;
  readonly promise: (ours: AxiosResult) => readonly Promised[];
  readonly notes: readonly string[];
}

/** The cost of one subject, in units of the limit. */
export interface AxiosResult extends Summary {
  readonly name: string;
}

/** Measures a static header, ours and the peers side by side. */
export async function compareAxios(comparison: AxiosComparison, options: BenchmarkOptions): Promise<BenchmarkReport> {
  const { random, onProgress, rounds = comparison.rounds } = options;
  const lanes: AxiosLane[] = [];
  for (const subject of subjects) lanes.push(await openLane(subject, comparison));
  try {
    onProgress(`${rounds} rounds of ${lanes.length} subjects`);
    const times = await interleave({ subjects: lanes, rounds, warmUpRounds, random, measure: comparison.measure });
    const timesOf = (subject: AxiosSubject) =>
      times.get(lanes.find((lane) => lane.subject === subject) as AxiosLane) ?? [];
    const results = subjects.map((subject) => {
      const ratios = ratiosTo(timesOf(staticHeader), timesOf(subject));
      return { name: subject.name, ratios, ...summarize(ratios) };
    });
    return report(comparison, results);
  } finally {
    for (const { open } of lanes) await open.close();
  }
}

async function openLane(subject: AxiosSubject, { server, defaults }: AxiosComparison): Promise<AxiosLane> {
  const credential = await server.createCredential();
  const open = await subject.open(credential, defaults(credential.apiUrl));
  const loop: CallLoop = await import(`./call-loop.ts?for=${encodeURIComponent(subject.name)}`);
  return { subject, open, loop };
}

function report(
  comparison: AxiosComparison,
  results: readonly (AxiosResult & { ratios: readonly number[] })[],
): BenchmarkReport {
  const ours = results.find(({ name }) => name === instellixAxios.name);
  if (!ours) throw new Error('The subjects are not there.');
  return {
    columns: ['subject', 'times the limit: median (quartiles)'],
    rows: results.map((result) => [result.name, formatRatio(result)]),
    notes: comparison.notes,
    promises: comparison.promise(ours),
    data: results.map(({ name, ratios }) => ({ subject: name, ratios })),
  };
}
