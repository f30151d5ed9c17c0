import type { Random } from '@instellix/testing/seeded-random';

/** One question, for which all subjects are measured side by side. */
export interface Benchmark {
  /** The heading: the name of the measurement and the question. */
  readonly title: string;
  run(options: BenchmarkOptions): Promise<BenchmarkReport>;
}

/** How a {@link Benchmark} runs. */
export interface BenchmarkOptions {
  /** The number of rounds; undefined: the default of the benchmark. */
  readonly rounds: number | undefined;
  readonly random: Random;
  /** Receives one line about the progress. */
  readonly onProgress: (line: string) => void;
}

/** The result of a {@link Benchmark}. */
export interface BenchmarkReport {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Notes for readers of the table. */
  readonly notes: readonly string[];
  readonly promises: readonly Promised[];
  /** The measurements of the table: ratios and counts, never absolute times. Plain JSON. */
  readonly data: unknown;
}

/** A promise, and whether this run has kept it. */
export interface Promised {
  readonly promise: string;
  readonly found: string;
  readonly kept: boolean;
}
