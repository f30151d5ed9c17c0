/** What is sent as a response. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers of every JSON response: tokens and customers' data are not for caches (RFC 6749 section 5.1). */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};

/** One request that waits for its answer, over a socket or in memory, with the ways in which it can end. */
export interface Exchange {
  /** Whether an HTTP parser has held the request to its own framing. */
  readonly isFramed: boolean;
  /** Aborted when the client goes before it is answered. */
  gone(): AbortSignal;
  /** Sends the whole answer. */
  answer(outcome: WireResponse): Response;
  /** Sends the beginning of the answer and breaks the connection off. */
  truncate(outcome: WireResponse): Response;
  /** Breaks the connection off without an answer. */
  reset(): Response;
  /** Sends nothing until the client goes or `closing` is aborted. */
  hang(closing: AbortSignal): Promise<Response>;
}
