/**
 * A way in which the emulator misbehaves on purpose. One of `respond`, `delayMs` and `socket` is needed.
 *
 * Every request that `on` and `clientId` describe is counted from the moment of `faults.add()`; of several faults that
 * are due, the oldest takes the request.
 */
export interface Fault {
  /** `token` for the token endpoint, or method and path without the query, such as `GET /customers`. */
  readonly on: 'token' | `${string} /${string}`;
  /** Only requests of this client: that of the Basic header, or that to which the bearer token belongs. */
  readonly clientId?: string;
  /**
   * The first request that is hit, 1 being the next one.
   *
   * @default 1
   */
  readonly nth?: number;
  /**
   * How many requests are hit.
   *
   * @default without limit; 1 when `nth` is given
   */
  readonly times?: number;
  /** How long the answer is held back, in real milliseconds, also under a frozen clock; the request is decided first. */
  readonly delayMs?: number;
  /** The answer that is sent instead of the real one; the request is not carried out. */
  readonly respond?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  /**
   * What happens to the connection: `reset` breaks it off without an answer, `hang` never answers, and neither carries
   * out the request; `truncate` breaks it off in the middle of the answer.
   */
  readonly socket?: 'reset' | 'hang' | 'truncate';
}

/** What `faults.add()` returns. */
export interface FaultHandle {
  readonly id: string;
  /** How many requests the fault has hit so far. */
  readonly hits: number;
  /** Ends the fault; twice is harmless. */
  remove(): Promise<void>;
}

/** What `faults.list()` tells about a fault. */
export interface FaultSummary {
  readonly id: string;
  /** How many requests the fault has hit so far. */
  readonly hits: number;
  readonly fault: Fault;
}
