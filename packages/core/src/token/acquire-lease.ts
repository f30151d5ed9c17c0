import type { Clock } from '../clock/clock.ts';
import { addMs, readTimestamp, type Timestamp } from '../clock/timestamp.ts';
import type { EncryptedTokenStore, SharedToken } from '../store/encrypted-token-store.ts';
import type { TokenCache } from './token-cache.ts';
import type { TokenDemand } from './token-demand.ts';
import type { TokenEventEmitter } from './token-event-emitter.ts';
import type { WaitState } from './wait-state.ts';

/** What {@link acquireLease} works with; durations in milliseconds. */
export interface LeaseContext {
  readonly clock: Clock;
  readonly store: EncryptedTokenStore;
  readonly cache: TokenCache;
  readonly events: TokenEventEmitter;
  readonly waitState: WaitState;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
}

/** The right to make the next token request. */
export interface Lease {
  readonly fence: number;
  readonly endsAt: Timestamp;
}

/** The outcome of {@link acquireLease}. */
export type LeaseResult =
  /** Without a lease, the store has failed, and the client works on its own. */
  | { readonly outcome: 'granted'; readonly lease: Lease | undefined }
  | { readonly outcome: 'found'; readonly token: SharedToken; readonly askedAt: Timestamp }
  /** The gate opens at `until`; nothing changes before. */
  | { readonly outcome: 'closed'; readonly until: Timestamp };

/** A lease lasts this much longer than its request, so that a slow response of the store does not shorten the request. */
const leaseSlackMs = 1_000;
const firstPollMs = 50;
const maxPollMs = 1_000;
/** The shortest pause between two claims, in milliseconds. */
const minSleepMs = 5;
/** A store that returns unusable tokens this often in a row counts as failed. */
const maxUnusableTokens = 3;

/**
 * Claims the right to make the next token request. While another client holds it, looks for that client's token, at growing intervals.
 *
 * @throws InstellixError when no caller waits for the token any more
 */
export async function acquireLease(context: LeaseContext, demand: TokenDemand): Promise<LeaseResult> {
  const { clock, store, cache, events, waitState, random, minIntervalMs, timeoutMs } = context;
  const leaseMs = timeoutMs + leaseSlackMs;
  let { knownFence } = cache;
  let unusableTokens = 0;
  let pollMs = firstPollMs;
  for (;;) {
    const askedAt = readTimestamp(clock);
    const minRemainingMs = demand.minRemainingMs(askedAt);
    const result = await store.claim({ minIntervalMs, leaseMs, knownFence, minRemainingMs });
    const now = readTimestamp(clock);
    if (result.outcome === 'granted') {
      const { fence } = result;
      const lease = fence === undefined ? undefined : { fence, endsAt: addMs(askedAt, leaseMs) };
      return { outcome: 'granted', lease };
    }
    if (result.outcome === 'found') {
      const { token, fence } = result;
      if (token && cache.accepts(token, minRemainingMs)) return { outcome: 'found', token, askedAt };
      if (++unusableTokens === maxUnusableTokens) {
        const reason = `returned ${maxUnusableTokens} unusable tokens in a row`;
        events.emit({ type: 'store_failed', operation: 'claim', reason, timedOut: false });
        return { outcome: 'granted', lease: undefined };
      }
      knownFence = fence;
      continue;
    }
    if (result.because === 'closed')
      return { outcome: 'closed', until: addMs(askedAt, Math.max(result.waitMs, minSleepMs)) };
    if (pollMs === firstPollMs) events.emit({ type: 'waiting', for: 'other_process' });
    waitState.set('other_process');
    if (demand.msLeft(now) < 0) throw waitState.createTimeoutError(now);
    await clock.sleep(Math.max(Math.min(result.waitMs, pollMs * (0.75 + random() / 2)), minSleepMs), demand.signal);
    pollMs = Math.min(pollMs * 2, maxPollMs);
  }
}
