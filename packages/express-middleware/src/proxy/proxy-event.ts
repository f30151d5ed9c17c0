import type { AnyInstellixError } from '@instellix/core';
import type { ProxyCode } from './proxy-problem.ts';

/** How one request ended, for logs and metrics; never holds a path, query, header or token of it. */
export interface ProxyEvent {
  /**
   * `forwarded`: the caller has the API's whole answer; `refused`: nothing was sent; `failed`: there is no token or no whole
   * answer; `abandoned`: the caller went away.
   */
  readonly outcome: 'forwarded' | 'refused' | 'failed' | 'abandoned';
  /** The status that the caller got; undefined when it got none. */
  readonly status: number | undefined;
  /** What was wrong, as the problem document says it; undefined when nothing was. */
  readonly code: ProxyCode | undefined;
  readonly method: string;
  /** The path of the rule that let the request through; undefined when none did. */
  readonly rule: string | undefined;
  /** From the arrival of the request to the end of the answer, milliseconds. */
  readonly durationMs: number;
  /** Whether it was sent twice, because the API did not take the first token. */
  readonly replayed: boolean;
  /** The error of core behind a failure; it says what to do. */
  readonly error: AnyInstellixError | undefined;
  /** What to know about a failure besides its code, such as `ECONNREFUSED`. */
  readonly reason: string | undefined;
}

/** What an exchange itself knows of its end. */
export type ExchangeOutcome = Pick<ProxyEvent, 'outcome' | 'status' | 'code' | 'replayed' | 'error' | 'reason'>;
