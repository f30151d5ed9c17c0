import { Agent } from 'node:http';
import { type AxiosComparison, compareAxios } from './axios-comparison.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const rounds = 60;
const tokenTtlSeconds = 3_600;
const minCalls = 0.95;
/** Calls per sample, by concurrency. */
const callsPerSample = { 1: 40, 64: 256 };

/** The cost of an interceptor relative to a whole call. */
function createLoopback(concurrency: 1 | 64): Benchmark {
  return {
    title: `Axios over loopback: ${concurrency === 1 ? 'one call at a time' : `${concurrency} calls at a time`}`,
    async run(options) {
      const throttleWindowMs = vendorThrottleMs;
      await using server = await TokenServer.start({ tokenTtlSeconds, throttleWindowMs, tokenDelayMs: 0 });
      const httpAgent = new Agent({ keepAlive: true });
      const comparison: AxiosComparison = {
        server,
        rounds,
        defaults: (baseURL) => ({ baseURL, httpAgent, adapter: 'http' }),
        measure: ({ loop, open }) => loop.callConcurrently(open.api, callsPerSample[concurrency], concurrency),
        notes: [
          'Each call goes to the emulator in its own process and back. The second row of the limit is the noise.',
        ],
        promise: (ours) => [
          {
            promise: `at least ${minCalls} of the calls of a static header`,
            found: (1 / ours.median).toFixed(2),
            kept: 1 / ours.median >= minCalls,
          },
        ],
      };
      try {
        return await compareAxios(comparison, options);
      } finally {
        httpAgent.destroy();
      }
    },
  };
}

export const axiosLoopback: Benchmark = createLoopback(1);
export const axiosLoopbackConcurrent: Benchmark = createLoopback(64);
