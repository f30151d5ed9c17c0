import type { AxiosAdapter } from 'axios';
import { type AxiosComparison, type AxiosLane, compareAxios } from './axios-comparison.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { TokenServer, vendorThrottleMs } from './token-server/token-server.ts';

const rounds = 300;
const callsPerSample = 500;
const warmUpCalls = 5_000;
const tokenTtlSeconds = 3_600;
const mostTimesTheLimit = 1.03;

/** Answers at once and sends nothing, so that all that is left is Axios and what is installed in it. */
const noop: AxiosAdapter = async (config) => ({ status: 200, statusText: 'OK', data: '', headers: {}, config });

/** What an interceptor costs a call that waits for nothing. */
export const axiosCall: Benchmark = {
  title: 'Axios call: what a token costs when nothing is sent',
  async run(options) {
    const throttleWindowMs = vendorThrottleMs;
    await using server = await TokenServer.start({ tokenTtlSeconds, throttleWindowMs, tokenDelayMs: 0 });
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
      promise: promiseAll,
    };
    return await compareAxios(comparison, options);
  },
};

/** Not to be faster than the peers: they write the token into the config that everybody sees, which spares them a copy of it. */
const promiseAll: AxiosComparison['promise'] = (ours, noise) => {
  const most = mostTimesTheLimit + (noise.p75 - noise.p25) / 2;
  return [
    {
      promise: `at most ${mostTimesTheLimit} times the static header, but for half the noise`,
      found: `${ours.median.toFixed(2)}, of ${most.toFixed(2)}`,
      kept: ours.median <= most,
    },
  ];
};
