/** Why a token is requested. */
export type TokenRequestReason = 'missing' | 'stale' | 'expired' | 'rejected';

/**
 * Something that happened to a client's token, for logs and metrics. Never contains a token or a secret.
 *
 * `at` is in epoch milliseconds; every `…Ms` is a duration in whole milliseconds.
 */
export type TokenEvent = {
  readonly at: number;
  readonly environment: string;
  readonly realm: string;
} & TokenEventDetails;

/** The fields of a {@link TokenEvent} that depend on its `type`. */
export type TokenEventDetails =
  | { readonly type: 'token_requested'; readonly why: TokenRequestReason; readonly attempt: number }
  | {
      readonly type: 'token_obtained';
      readonly from: 'endpoint' | 'store';
      readonly lifetimeMs: number;
      readonly tookMs: number;
    }
  | {
      readonly type: 'token_request_failed';
      readonly code: string;
      /** A code, such as `ECONNREFUSED` or `invalid_client`, or a sanitised message. */
      readonly reason?: string;
      readonly status?: number;
      /** In how many milliseconds the next attempt follows, if one does. */
      readonly retryInMs?: number;
      /** Whether callers still get the held token. */
      readonly stillServing: boolean;
    }
  /**
   * The client has stopped its attempt to obtain a token, also a wait: it was closed, the last caller that waited has aborted, or a wait
   * has ended without a request, because it took too long for every caller or because the failure before still stands.
   */
  | { readonly type: 'token_request_aborted' }
  /** Emitted when the wait begins; waits below 50 ms are left out. `waitMs` is missing when other code determines how long it lasts. */
  | {
      readonly type: 'waiting';
      readonly for: 'throttle' | 'retry' | 'other_process' | 'secret';
      readonly waitMs?: number;
    }
  /** `refreshSuspended`: the API refuses each new token, so no other is requested for a while. */
  | { readonly type: 'token_rejected'; readonly refreshSuspended: boolean }
  /** The response had no `expires_in`. */
  | { readonly type: 'lifetime_assumed'; readonly lifetimeMs: number }
  | {
      readonly type: 'store_failed';
      readonly operation: string;
      /** A code, such as `ECONNREFUSED` or `NOPERM`, or a sanitised message. */
      readonly reason: string;
      readonly timedOut: boolean;
    };
