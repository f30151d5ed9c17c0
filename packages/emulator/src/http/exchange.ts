/** A response to send. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers of every JSON response. Caches must not store tokens and the data of customers (RFC 6749 section 5.1). */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
};

/** A request in progress, with or without a socket, and the ways to end it. */
export interface Exchange {
  /** Whether an HTTP parser has checked the framing of the request. */
  readonly isFramed: boolean;
  /** Aborted when the client disconnects before the response. */
  gone(): AbortSignal;
  /** Sends the whole response. */
  respond(outcome: WireResponse): Response;
  /** Sends the first half of the response and breaks the connection. */
  truncate(outcome: WireResponse): Response;
  /** Breaks the connection without a response. */
  reset(): Response;
  /** Sends nothing until the client disconnects or `closing` is aborted. */
  hang(closing: AbortSignal): Promise<Response>;
}
