import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { readTimestamp } from '../clock/timestamp.ts';
import { object, readOptions } from '../configuration/object-validator.ts';
import { withMethods } from '../configuration/validator.ts';
import { type ClaimRecord, isUnused } from './claim-record.ts';
import { createTokenStore } from './create-token-store.ts';
import type { TokenStore } from './token-store.ts';

/** The options of a memory store. */
export interface MemoryTokenStoreOptions {
  /** The clock of the store; for tests. @default the runtime's clock */
  readonly clock?: Clock | undefined;
}

const minRecordsToClean = 64;

/**
 * Creates a store in this process's memory. Pass the same one to several clients to let them share token and gate. For several
 * processes, use a file store or a Redis store.
 *
 * A gate is kept for a day after its latest claim, a token until it expires. Unused gates are removed as new ones come: there are
 * never more than 64 gates or twice those in use, whichever is more.
 *
 * @throws ConfigurationError when an option cannot be used
 */
export function memoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  const validator = object<MemoryTokenStoreOptions>({ clock: withMethods<Clock>('now', 'monotonic', 'sleep') });
  const { clock = systemClock } = readOptions(validator, options, (given) => given, 'memoryTokenStore');
  const records = new Map<string, ClaimRecord>();
  let cleanAbove = minRecordsToClean;
  // Atomic, because nothing is awaited between loading and saving.
  return createTokenStore(clock, async (gate, decide) => {
    const { result, record } = decide(records.get(gate));
    if (record) records.set(gate, record);
    if (records.size > cleanAbove) {
      const now = readTimestamp(clock);
      for (const [name, each] of records) if (isUnused(each, now)) records.delete(name);
      cleanAbove = Math.max(minRecordsToClean, 2 * records.size);
    }
    return result;
  });
}
