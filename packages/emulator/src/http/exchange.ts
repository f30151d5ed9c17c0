import type { Outcome } from '../protocol/outcome.ts';

/** One request that waits for its answer, over a socket or in memory, with the ways in which it can end. */
export interface Exchange {
  /** Whether an HTTP parser has held the request to its own framing. */
  readonly isFramed: boolean;
  /** Aborted when the client goes before it is answered. */
  gone(): AbortSignal;
  /** Sends the whole answer. */
  answer(outcome: Outcome): Response;
  /** Sends the beginning of the answer and breaks the connection off. */
  truncate(outcome: Outcome): Response;
  /** Breaks the connection off without an answer. */
  reset(): Response;
  /** Sends nothing until the client goes or `closing` is aborted. */
  hang(closing: AbortSignal): Promise<Response>;
}
