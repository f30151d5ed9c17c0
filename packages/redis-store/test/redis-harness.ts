import { setTimeout } from 'node:timers/promises';
import type { StoreHarness } from '@instellix/testing';
import { redisTokenStore } from '../src/redis-token-store.ts';
import type { OpenConnection } from './connections.ts';

let prefixes = 0;

/** What the store contract needs: stores that share a Redis, over each connection in turn. */
export function createRedisHarness(open: readonly OpenConnection[]): StoreHarness {
  let handles = 0;
  let keyPrefix = `test ${prefixes++}:`;
  return {
    open: async () => {
      const { connection } = open[handles++ % open.length] as OpenConnection;
      return redisTokenStore(connection, { keyPrefix });
    },
    elapse: async (ms) => setTimeout(ms),
    now: () => performance.now(),
    // Timers fire a little early, and Redis's clock is another than ours.
    toleranceMs: 4,
    stepWallClock: async () => {},
    loseData: async () => {
      keyPrefix = `test ${prefixes++}:`;
    },
  };
}
