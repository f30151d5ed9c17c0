import type { Benchmark } from './harness/benchmark.ts';

/** All benchmarks by the name that `--only` takes, in the order in which they run; loaded only once builds are known to be fresh. */
export const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  'warm-read': async () => (await import('./warm-read.ts')).warmRead,
  expiry: async () => (await import('./expiry.ts')).expiry,
  'fetch-loopback': async () => (await import('./fetch-loopback.ts')).fetchLoopback,
  'fetch-loopback-64': async () => (await import('./fetch-loopback.ts')).fetchLoopbackConcurrent,
  'undici-loopback': async () => (await import('./fetch-loopback.ts')).undiciLoopback,
  'undici-loopback-64': async () => (await import('./fetch-loopback.ts')).undiciLoopbackConcurrent,
  'axios-loopback': async () => (await import('./axios-loopback.ts')).axiosLoopback,
  'axios-loopback-64': async () => (await import('./axios-loopback.ts')).axiosLoopbackConcurrent,
  'express-proxy': async () => (await import('./express-proxy.ts')).expressProxySmall,
  'express-proxy-1mib': async () => (await import('./express-proxy.ts')).expressProxyLarge,
  'express-proxy-memory': async () => (await import('./express-proxy-memory.ts')).expressProxyMemory,
  'cold-start': async () => (await import('./cold-start/cold-start.ts')).coldStart,
  'store-operation': async () => (await import('./store-operation.ts')).storeOperation,
  emulator: async () => (await import('./emulator.ts')).emulator,
  // Last: the heap that ten thousand callers leave behind would burden whatever comes after.
  stampede: async () => (await import('./stampede.ts')).stampede,
};
