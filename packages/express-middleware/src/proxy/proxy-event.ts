import type { AnyInstellixError } from '@instellix/core';
import type { ProxyCode } from './proxy-problem.ts';

/** How one request ended, for logs and metrics. It never holds a path, query, header or token of the request. */
export interface ProxyEvent {
  /**
   * `forwarded`: the caller has the API's whole response; `refused`: the proxy refused the request; `failed`: there was no token or no
   * whole response; `aborted`: the caller disconnected or stopped reading, or other code has responded.
   */
  readonly outcome: 'forwarded' | 'refused' | 'failed' | 'aborted';
  /** The status that was sent to the caller; undefined when none was. */
  readonly status: number | undefined;
  /** The code of the problem; undefined when there was none. */
  readonly code: ProxyCode | undefined;
  readonly method: string;
  /** The path of the rule that allowed the request; undefined when none did. */
  readonly rule: string | undefined;
  /** From the arrival of the request to the end of the response, in milliseconds. */
  readonly durationMs: number;
  /** Whether the request was sent twice, because the API rejected the first token. */
  readonly resent: boolean;
  /** The error of core that caused a failure. Its message says what to do. */
  readonly error: AnyInstellixError | undefined;
  /** What is known about a failure besides its code, such as `ECONNREFUSED`. */
  readonly reason: string | undefined;
}
