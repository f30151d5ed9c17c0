import type { FollowedRequests, RequestControls } from '../emulator/emulator.ts';
import { invalid } from '../state/input/invalid.ts';
import { readInteger } from '../state/input/read-integer.ts';
import { readObject } from '../state/input/read-object.ts';
import { REQUEST_LOG_CAPACITY, type RequestLog } from '../state/request-log.ts';
import { readRequestFilter } from './request-filter.ts';

const LONGEST_WAIT_MS = 2_147_483_647;
/** Below the time limit that test runners give a test, so that the message says what was missing. */
const DEFAULT_WAIT_MS = 4_000;

/** Reads the request log on behalf of whoever steers the emulator. */
export function createRequestControls(requestLog: RequestLog): RequestControls {
  return {
    list: async (filter) => requestLog.list(readRequestFilter(filter, 'requests.list(filter)')),
    count: async (filter) => requestLog.count(readRequestFilter(filter, 'requests.count(filter)')),
    waitFor: async (filter, options = {}) => {
      if (filter === undefined) throw invalid('requests.waitFor(filter)', 'must be an object; {} means any request');
      const matches = readRequestFilter(filter, 'requests.waitFor(filter)');
      const where = 'requests.waitFor(filter, options)';
      const { count = 1, timeoutMs = DEFAULT_WAIT_MS } = readObject(options, where, ['count', 'timeoutMs']);
      return requestLog.waitFor(
        matches,
        readInteger(count, `${where}.count`, 1, REQUEST_LOG_CAPACITY),
        readInteger(timeoutMs, `${where}.timeoutMs`, 0, LONGEST_WAIT_MS),
      );
    },
    follow: async (options = {}) => follow(requestLog, options),
  };
}

async function follow(requestLog: RequestLog, options: unknown): Promise<FollowedRequests> {
  const where = 'requests.follow(options)';
  const given = readObject(options, where, ['after', 'timeoutMs']);
  const after = readInteger(given['after'] ?? requestLog.total, `${where}.after`, 0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = readInteger(given['timeoutMs'] ?? DEFAULT_WAIT_MS, `${where}.timeoutMs`, 0, LONGEST_WAIT_MS);
  if (requestLog.total <= after && timeoutMs > 0) await requestLog.waitForNext(timeoutMs);
  return { entries: requestLog.listAfter(after), next: requestLog.total };
}
