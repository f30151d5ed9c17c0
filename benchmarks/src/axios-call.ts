import type { AxiosAdapter } from 'axios';
import { type AxiosComparison, type AxiosLane, compareAxios } from './axios-comparison.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const rounds = 200;
const callsPerSample = 500;
const warmUpCalls = 5_000;
const tokenTtlSeconds = 3_600;
const mostTimesTheLimit = 1.03;
/** As servers issue them that put claims into their tokens. */
const longTokenLength = 1_000;

/** Answers at once and sends nothing, so that all that is left is Axios and what is installed in it. */
const noop: AxiosAdapter = async (config) => ({ status: 200, statusText: 'OK', data: '', headers: {}, config });

/** What an interceptor costs a call that waits for nothing. */
function createAxiosCall(length: string, promise: AxiosComparison['promise'], issuedToken?: string): Benchmark {
  return {
    title: `Axios call: what a token of ${length} characters costs when nothing is sent`,
    async run(options) {
      const throttleWindowMs = vendorThrottleMs;
      await using server = await TokenServer.start({
        tokenTtlSeconds,
        throttleWindowMs,
        tokenDelayMs: 0,
        ...(issuedToken !== undefined && { issuedToken }),
      });
      const warm = new Set<AxiosLane>();
      const comparison: AxiosComparison = {
        server,
        rounds,
        defaults: (baseURL: string) => ({ baseURL, adapter: noop }),
        async measure(lane: AxiosLane) {
          if (!warm.has(lane)) await lane.loop.callMany(lane.open.api, warmUpCalls);
          warm.add(lane);
          return lane.loop.callMany(lane.open.api, callsPerSample);
        },
        notes: [
          'Processor time over an adapter that answers at once. The limit is an instance with a static header; its second row is the noise.',
        ],
        promise,
      };
      return await compareAxios(comparison, options);
    },
  };
}

const nearTheLimit: AxiosComparison['promise'] = (ours, noise) => {
  const most = mostTimesTheLimit + (noise.p75 - noise.p25) / 2;
  return [
    {
      promise: `at most ${mostTimesTheLimit} times the static header, but for half the noise`,
      found: `${ours.median.toFixed(2)}, of ${most.toFixed(2)}`,
      kept: ours.median <= most,
    },
  ];
};

const aheadOfAll: AxiosComparison['promise'] = (ours, _, peers) => {
  const best = Math.min(...peers.map(({ median }) => median));
  return [
    {
      promise: 'faster than the static header and every peer',
      found: `${ours.median.toFixed(2)}, and the best of them ${Math.min(best, 1).toFixed(2)}`,
      kept: ours.median < Math.min(best, 1),
    },
  ];
};

/** With the emulator's token. Not faster than the peers: everybody sees their config, which spares them a copy of it. */
export const axiosCall: Benchmark = createAxiosCall('some forty', nearTheLimit);

/** Axios reads all header values of a config over and over; ours is none of them. */
export const axiosCallLongToken: Benchmark = createAxiosCall(
  String(longTokenLength),
  aheadOfAll,
  'x'.repeat(longTokenLength),
);
