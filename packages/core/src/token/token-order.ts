import type { VaultNeed } from '../store/encrypted-token-store.ts';
import type { TokenRequestReason } from './token-event.ts';

/** What token is wanted and how long it is of use. Callers come and go meanwhile, so each step asks anew. */
export interface TokenOrder {
  readonly why: TokenRequestReason;
  readonly signal: AbortSignal;
  readonly need: () => VaultNeed;
  /** The latest moment at which an answer is of use to anyone, monotonic milliseconds. */
  readonly deadline: () => number;
  /** Whether callers are served from a held token meanwhile. */
  readonly stillServing: () => boolean;
}
