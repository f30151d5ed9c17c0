import type { Random } from './seeded-random.ts';

/** One question that is answered by measuring all subjects side by side. */
export interface Benchmark {
  /** The name of what is measured and the question, for the heading. */
  readonly title: string;
  run(options: BenchmarkOptions): Promise<BenchmarkReport>;
}

/** How a {@link Benchmark} runs. */
export interface BenchmarkOptions {
  /** How often everything is measured; undefined: as often as the benchmark itself finds right. */
  readonly rounds: number | undefined;
  readonly random: Random;
  /** Takes one line about what happens right now. */
  readonly tell: (line: string) => void;
}

/** What a {@link Benchmark} found. */
export interface BenchmarkReport {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the reader has to know to read the table. */
  readonly notes: readonly string[];
  readonly promises: readonly Promised[];
  /** The measurements behind the table: ratios and counts, never a lone time. Plain JSON. */
  readonly data: unknown;
}

/** Something that we promise, and whether this run has kept it. */
export interface Promised {
  readonly promise: string;
  readonly found: string;
  readonly kept: boolean;
}
