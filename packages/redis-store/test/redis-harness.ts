import { setTimeout } from 'node:timers/promises';
import type { StoreHarness } from '@instellix/testing';
import { redisTokenStore } from '../src/redis-token-store.ts';
import type { OpenConnection } from './connections.ts';

let prefixes = 0;

/** Stores that share a Redis, and use the connections in turn. */
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
    // Timers may fire up to a millisecond early, and Redis has its own clock.
    toleranceMs: 4,
    loseData: async () => {
      keyPrefix = `test ${prefixes++}:`;
    },
  };
}
