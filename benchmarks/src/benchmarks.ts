import type { Benchmark } from './harness/benchmark.ts';

/** All benchmarks by the name that `--only` takes, in the order in which they run; loaded only once builds are known to be fresh. */
export const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  'warm-read': async () => (await import('./warm-read.ts')).warmRead,
  stampede: async () => (await import('./stampede.ts')).stampede,
  expiry: async () => (await import('./expiry.ts')).expiry,
};
