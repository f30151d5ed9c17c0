/** Why a token request is made. */
export type TokenRequestReason = 'cold' | 'aging' | 'spent' | 'rejected';

/**
 * What happens to a client's token, for logs and metrics; never holds a token or a secret.
 *
 * `at` is epoch milliseconds, every `…Ms` a duration in milliseconds.
 */
export type TokenEvent = {
  readonly at: number;
  readonly environment: string;
  readonly realm: string;
} & TokenEventDetails;

/** The part of a {@link TokenEvent} that its `type` decides. */
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
      readonly status?: number;
      readonly retryInMs?: number;
      /** Whether callers still get the held token. */
      readonly stillServing: boolean;
    }
  | { readonly type: 'gate_waited'; readonly waitMs: number }
  | { readonly type: 'token_rejected'; readonly stormBroken: boolean }
  | { readonly type: 'lifetime_assumed'; readonly lifetimeMs: number }
  | { readonly type: 'store_failed'; readonly operation: string; readonly timedOut: boolean };
