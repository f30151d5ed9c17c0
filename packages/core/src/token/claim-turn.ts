import type { Clock } from '../clock/clock.ts';
import type { TokenVault, VaultAnswer } from '../store/encrypted-token-store.ts';
import type { FailureRecord } from './failure-record.ts';
import type { TokenOrder } from './token-order.ts';

/** What {@link claimTurn} works with; all durations milliseconds. */
export interface ClaimTurnParts {
  readonly clock: Clock;
  readonly vault: TokenVault;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly minIntervalMs: number;
}

/** The store's answer, and by our own clock when it was asked for and until when a lease stands. */
export type Turn = VaultAnswer & { readonly askedAt: number; readonly leaseEndsAt: number };

/** A lease outlives its request by this much, so that a slow answer of the store does not cut the request short. */
const leaseSlackMs = 1_000;
const firstPollMs = 50;
const longestPollMs = 1_000;
/** Whoever is told to wait waits this long at least, so that nobody is asked without a pause. */
export const shortestSleepMs = 5;

/**
 * Claims the right to make the next token request; while somebody else has it, looks for their token, ever more sparsely.
 *
 * @throws InstellixError what the record has to say, when the order's time is up
 */
export async function claimTurn(parts: ClaimTurnParts, order: TokenOrder, record: FailureRecord): Promise<Turn> {
  const { clock, vault, random, minIntervalMs, timeoutMs } = parts;
  const leaseMs = timeoutMs + leaseSlackMs;
  for (let pollMs = firstPollMs; ; pollMs = Math.min(pollMs * 2, longestPollMs)) {
    const askedAt = clock.monotonic();
    const answer = await vault.claim(order.need(), { minIntervalMs, leaseMs });
    if (answer.outcome !== 'wait' || answer.because === 'closed') {
      return { ...answer, askedAt, leaseEndsAt: askedAt + leaseMs };
    }
    record.waitFor('holder');
    if (clock.monotonic() > order.deadline()) throw record.explain();
    const waitMs = Math.min(answer.waitMs, pollMs * (0.75 + random() / 2));
    await clock.sleep(Math.max(waitMs, shortestSleepMs), order.signal);
  }
}
