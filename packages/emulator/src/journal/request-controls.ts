import type { FollowedRequests, RequestControls } from '../emulator/emulator.ts';
import { invalid } from '../input/invalid.ts';
import { readInteger } from '../input/read-integer.ts';
import { readObject } from '../input/read-object.ts';
import { JOURNAL_CAPACITY, type Journal } from './journal.ts';
import { readRequestFilter } from './request-filter.ts';

const LONGEST_WAIT_MS = 2_147_483_647;
/** Below the time limit that test runners give a test, so that the message says what was missing. */
const DEFAULT_WAIT_MS = 4_000;

/** Reads the journal on behalf of whoever steers the emulator. */
export function createRequestControls(journal: Journal): RequestControls {
  return {
    list: async (filter) => journal.list(readRequestFilter(filter, 'requests.list(filter)')),
    count: async (filter) => journal.count(readRequestFilter(filter, 'requests.count(filter)')),
    waitFor: async (filter, options = {}) => {
      if (filter === undefined) throw invalid('requests.waitFor(filter)', 'must be an object; {} means any request');
      const matches = readRequestFilter(filter, 'requests.waitFor(filter)');
      const where = 'requests.waitFor(filter, options)';
      const { count = 1, timeoutMs = DEFAULT_WAIT_MS } = readObject(options, where, ['count', 'timeoutMs']);
      return journal.waitFor(
        matches,
        readInteger(count, `${where}.count`, 1, JOURNAL_CAPACITY),
        readInteger(timeoutMs, `${where}.timeoutMs`, 0, LONGEST_WAIT_MS),
      );
    },
    follow: async (options = {}) => follow(journal, options),
  };
}

async function follow(journal: Journal, options: unknown): Promise<FollowedRequests> {
  const where = 'requests.follow(options)';
  const given = readObject(options, where, ['after', 'timeoutMs']);
  const after = readInteger(given['after'] ?? journal.total, `${where}.after`, 0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = readInteger(given['timeoutMs'] ?? DEFAULT_WAIT_MS, `${where}.timeoutMs`, 0, LONGEST_WAIT_MS);
  if (journal.total <= after && timeoutMs > 0) await journal.waitForNext(timeoutMs);
  return { entries: journal.listAfter(after), next: journal.total };
}
